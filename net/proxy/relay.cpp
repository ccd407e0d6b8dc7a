// The join of two connections for one exchange (RFC 9110 7, RFC 9112 6).
#include "net/proxy/relay.hpp"

#include "net/http/head_writer.hpp"
#include "net/proxy/answer_heads.hpp"
#include "net/proxy/cached_exchange.hpp"
#include "net/proxy/forward_heads.hpp"
#include "net/proxy/response_coding.hpp"
#include "net/proxy/upstream_pool.hpp"

#include <algorithm>
#include <cstring>

namespace weir::net {

namespace {

/// Bodies longer than this move in large blocks.
constexpr std::uint64_t small_body_max = 32 * 1024;

/// Fields that clients may not send, and could in trailers, which some origins merge into the head.
bool has_names_of_ours(const exchange& x) {
  return !x.route.policy->request.dropped.empty() || x.config->sites->asks_clients();
}

} // namespace

void relay::start(exchange& x, channel& client, std::string_view early, bool closing) {
  x_ = &x;
  client_ = &client;
  early_ = early;
  closing_ = closing;
  replayable_ = true;
  request_broken_ = head_sent_ = interim_sent_ = false;
  interims_ = 0;
  scanned_ = 0;
  asked_at_ = x.times.begun;
  request_.clear();
  response_.clear();
  x.lease->set_user(this);
  progress_at_ = shard_.loop.now();
  hedge_at_ = x.pool->hedge_at(x);
  write_request();
}

void relay::write_request() {
  const auto& head = x_->request;
  const auto& policy = *x_->route.policy;
  request_.start(body_decoder(head.framing, head.content_length),
                 head.framing == body_framing::chunked, policy.limits.body_bytes,
                 {.drops_trailers = has_names_of_ours(*x_)});
  request_head_ = shard_.buffers.acquire(block_size::small);
  head_fits_ = write_forward_head(shard_, *x_, x_->lease->server(), request_head_);
  request_.out().add(request_head_.view());
  if (head.framing != body_framing::none) {
    const auto& limits = policy.limits;
    upload_.start(limits.body_rate, limits.timeouts.body);
    uploaded_ = 0;
    request_in_ = shard_.buffers.acquire(
        early_.size() > bytes_of(block_size::small) ? block_size::large : block_size::small);
    if (!early_.empty()) std::memcpy(request_in_.free_space().data(), early_.data(), early_.size());
    request_in_.commit(early_.size());
  }
  request_state_ = pump_state::sink_blocked;
  response_state_ = pump_state::source_blocked;
}

relay_state relay::advance() {
  if (!head_fits_) return client_failed(end_reason::malformed_request, 431);
  return scout_ ? race() : advance_lease();
}

relay_state relay::advance_lease() {
  if (!request_.done() && !request_broken_) {
    if (const auto state = advance_request(); state != relay_state::streaming) return state;
    watch_upload();
  }
  const auto state = advance_response();
  if (state != relay_state::streaming) return state;
  const bool asked = request_.take_progress();
  if (asked && request_.refilled()) asked_at_ = shard_.loop.now();
  set_deadline(response_.take_progress() || asked);
  const bool yielded =
      request_state_ == pump_state::yielded || response_state_ == pump_state::yielded;
  return yielded ? relay_state::yielded : relay_state::streaming;
}

// -- the request's way

relay_state relay::advance_request() {
  grow(request_in_, request_);
  request_state_ = request_.run(*client_, request_in_, x_->lease->wire());
  x_->request_bytes = request_.content_bytes();
  if (request_.refilled()) replayable_ = false;
  switch (request_state_) {
  case pump_state::sink_blocked:
  case pump_state::source_blocked:
  case pump_state::yielded:
    return relay_state::streaming;
  case pump_state::done:
    request_head_.release();
    x_->lease->upload_permit.release();
    return relay_state::streaming;
  case pump_state::malformed:
    return client_failed(end_reason::malformed_body, 400);
  case pump_state::too_large:
    return client_failed(end_reason::body_too_large, 413);
  case pump_state::source_failed:
  case pump_state::transform_failed: // requests have none
    return client_failed(end_reason::client_gone, 0);
  case pump_state::source_ended:
    return client_failed(end_reason::client_gone, 400);
  case pump_state::sink_failed:
    break;
  }
  // It may have answered before it closed: a 413, say. Its end will tell.
  request_broken_ = true;
  return relay_state::streaming;
}

// -- the answer's way

relay_state relay::advance_response() {
  if (!head_sent_) {
    if (const auto ended = read_head()) return *ended;
    if (!head_sent_) return relay_state::streaming;
  }
  auto& origin = *x_->lease;
  grow(origin.in, response_);
  response_state_ = response_.run(origin.wire(), origin.in, *client_);
  switch (response_state_) {
  case pump_state::sink_blocked:
  case pump_state::source_blocked:
  case pump_state::yielded:
    return relay_state::streaming;
  case pump_state::done:
    return finish();
  case pump_state::sink_failed:
    return client_failed(end_reason::client_gone, 0);
  case pump_state::transform_failed:
    return client_failed(end_reason::transform_failed, 0);
  case pump_state::malformed:
  case pump_state::too_large:
    return upstream_failed(failure_kind::protocol, end_reason::upstream_malformed, 502);
  case pump_state::source_failed:
  case pump_state::source_ended:
    break;
  }
  return upstream_failed(failure_kind::reset, end_reason::upstream_truncated, 502);
}

/// Reads and judges heads until the final one is there: nothing when more must arrive, or when it
/// is on its way to the client.
std::optional<relay_state> relay::read_head() {
  auto& origin = *x_->lease;
  for (;;) {
    const auto head = read_next_head(shard_, origin, x_->request.method, scanned_, answer_);
    if (head.read) progress_at_ = shard_.loop.now();
    switch (head.status) {
    case head_status::need_more:
      return std::nullopt;
    case head_status::malformed:
      return upstream_failed(failure_kind::protocol, end_reason::upstream_malformed, 502);
    case head_status::ended:
      return upstream_failed(failure_kind::reset, end_reason::upstream_reset, 502, head.end);
    case head_status::complete:
      break;
    }
    if (answer_.status == 101) return switch_protocols(head.bytes);
    const bool interim = answer_.status < 200;
    if (interim && ++interims_ > interim_heads_max)
      return upstream_failed(failure_kind::protocol, end_reason::upstream_malformed, 502);
    if (!interim) {
      if (const auto ended = judge_final(head.bytes)) return ended;
    }
    if (interim)
      write_interim();
    else if (!write_response())
      return upstream_failed(failure_kind::protocol, end_reason::upstream_malformed, 502);
    origin.in.consume(head.bytes);
    if (!interim) return size_blocks(origin), std::nullopt;
  }
}

/// A state when the final head is not to be passed on.
std::optional<relay_state> relay::judge_final(std::size_t head_bytes) {
  if (scout_ && x_->pool->repeats(answer_.status)) return leave_to_second(failure_kind::status);
  scout_.reset(); // this one was first
  if (const auto again = wants_retry()) return again;
  if (x_->route.policy->send_files) {
    if (const auto file = take_file(head_bytes)) {
      if (x_->cache != nullptr) x_->cache->pass_by();
      return file;
    }
  }
  return ask_cache(head_bytes);
}

/// What is long is read in large blocks: fewer system calls for one copy of at most a small block.
void relay::size_blocks(upstream_connection& origin) {
  origin.large = response_.remaining() > small_body_max;
  if (origin.large) shard_.buffers.grow(origin.in);
}

/// A gateway status that `retries.on` lists may be repeated, as long as the request can be.
std::optional<relay_state> relay::wants_retry() {
  if (!is_gateway_status(answer_.status)) return std::nullopt;
  failed_attempt attempt;
  attempt.kind = failure_kind::status;
  attempt.status = answer_.status;
  attempt.bytes_delivered = request_.written_bytes();
  attempt.response_started = interim_sent_;
  attempt.answer_begun = true;
  attempt.replayable = replayable_;
  if (!x_->pool->may_retry(*x_, attempt)) return std::nullopt;
  x_->pool->drop(*x_);
  return relay_state::retry;
}

void relay::write_interim() {
  // RFC 9110 15.2: a client that speaks HTTP/1.0 does not know interim answers.
  if (x_->request.minor_version == 0) return;
  if (response_head_.capacity() == 0)
    response_head_ = shard_.buffers.acquire(block_size::large); // the final head must fit behind it
  if (response_.out().empty()) response_head_.clear();
  const auto before = response_head_.size();
  // It does not fit when the client leaves many of them unread: it can do without this one.
  if (!write_interim_head(shard_, answer_, response_head_)) return;
  interim_sent_ = true;
  response_.out().add(response_head_.view().substr(before));
  response_.out().flush(*client_);
}

bool relay::write_response() {
  const auto& request = x_->request;
  auto framing = response_framing(answer_, request.minor_version);
  response_coding coding;
  if (x_->route.policy->compress) coding = choose_response_coding(shard_, *x_, answer_);
  if (coding.encoder && framing == body_framing::length)
    framing = request.minor_version == 0 ? body_framing::until_close : body_framing::chunked;
  const bool chunked_out = framing == body_framing::chunked;
  keep_alive_ = request.keep_alive && !closing_ && !request_broken_ && request_.done() &&
                framing != body_framing::until_close;
  x_->status = answer_.status;
  x_->times.answered = shard_.loop.now();
  if (response_head_.capacity() == 0) response_head_ = shard_.buffers.acquire(block_size::small);
  if (response_.out().empty()) response_head_.clear();
  const auto before = response_head_.size();
  if (!write_answer_head(shard_, *x_, answer_, {framing, keep_alive_, coding.fields},
                         response_head_))
    return false;
  body_filter filter;
  if (x_->tap != nullptr && x_->tap->on_head(*x_, answer_)) filter.tap = x_->tap;
  encoder_ = std::move(coding.encoder);
  if (encoder_) {
    const bool stored = filter.tap != nullptr && x_->cache != nullptr;
    filter.transform = stored ? &x_->cache->through(*encoder_) : encoder_.get();
    filter.out = shard_.buffers.acquire(block_size::small);
  }
  // An interim head that is still being written stays in front: `start` leaves what goes out alone.
  response_.start(body_decoder(answer_.framing, answer_.content_length), chunked_out, 0,
                  std::move(filter));
  response_.out().add(response_head_.view().substr(before));
  head_sent_ = true;
  return true;
}

relay_state relay::finish() {
  auto& origin = *x_->lease;
  x_->response_bytes += response_.written_bytes();
  // Bytes behind the answer would be taken for the next one: such a connection is not used again.
  char surplus = 0;
  const bool clean = answer_.keep_alive && request_.done() && origin.in.empty() &&
                     origin.wire().read({&surplus, 1}).status == io_status::again;
  drop_response();
  origin.set_user(nullptr);
  if (is_gateway_status(answer_.status)) x_->pool->count_failure(*x_, failure_kind::status);
  x_->pool->release(*x_, clean ? lease_outcome::reusable : lease_outcome::finished);
  response_head_.release();
  request_head_.release();
  return relay_state::finished;
}

// -- failures

/// Whether an answer of our own would not stand behind half of another one.
bool relay::can_answer() const {
  return !head_sent_ && response_.out().empty();
}

/// How much of the request may have reached an origin whose connection has ended.
std::uint64_t relay::delivered(connection_end end) {
  const auto written = request_.written_bytes();
  auto& wire = x_->lease->wire();
  if (wire.io().encrypted()) return written; // what is on the wire is not what was written
  return bytes_delivered(wire.io().fd(), end, wire.written_bytes() - written, written);
}

relay_state relay::upstream_failed(failure_kind kind, end_reason reason, std::uint16_t status,
                                   connection_end end) {
  if (scout_) return leave_to_second(kind);
  failed_attempt attempt;
  attempt.kind = kind;
  attempt.bytes_delivered = delivered(end);
  attempt.response_started = head_sent_ || interim_sent_;
  attempt.answer_begun = head_sent_ || interim_sent_ || !x_->lease->in.empty();
  attempt.replayable = replayable_;
  const auto decision = x_->pool->give_up(*x_, attempt);
  drop_request();
  if (decision.retry()) return relay_state::retry;
  x_->reason = reason;
  const bool answerable = can_answer();
  if (head_sent_)
    x_->response_bytes += response_.written_bytes();
  else
    x_->status = status;
  drop_response();
  response_head_.release();
  return answerable ? relay_state::failed : relay_state::broken;
}

relay_state relay::client_failed(end_reason reason, std::uint16_t status) {
  x_->reason = reason;
  x_->request.keep_alive = false; // where its next request would begin is not known
  const bool answerable = can_answer() && status != 0;
  if (answerable) x_->status = status;
  abort();
  return answerable ? relay_state::failed : relay_state::broken;
}

void relay::abort() {
  scout_.reset();
  if (x_->lease) {
    if (head_sent_) x_->response_bytes += response_.written_bytes();
    x_->pool->release(*x_, lease_outcome::aborted);
  }
  drop_request();
  drop_response();
  response_head_.release();
}

void relay::drop_request() {
  request_.clear();
  request_head_.release();
  request_in_.release();
}

void relay::drop_response() {
  response_.clear();
  encoder_.reset();
}

// -- time

void relay::set_deadline(bool progressed) {
  if (progressed) progress_at_ = shard_.loop.now();
  const auto& client = x_->route.policy->limits.timeouts;
  const auto& origin = x_->pool->upstream().settings.timeouts;
  if (!head_sent_) {
    // `request` bounds the wait for the answer, not an upload that makes progress.
    if (!request_.done() && request_state_ == pump_state::source_blocked)
      deadline_ = std::min(progress_at_ + client.body, upload_.deadline());
    else if (!request_.done() && !request_broken_)
      deadline_ = progress_at_ + origin.first_byte;
    else
      deadline_ = std::min(progress_at_ + origin.first_byte, asked_at_ + client.request);
    deadline_ = std::min(deadline_, hedge_at_);
    return;
  }
  if (response_state_ == pump_state::sink_blocked) {
    deadline_ = progress_at_ + client.write;
  } else if (answer_.framing == body_framing::length) {
    deadline_ = progress_at_ + origin.first_byte;
  } else {
    deadline_ = steady_time::max(); // a stream of events may be silent for as long as it likes
  }
}

relay_state relay::expire() {
  if (head_sent_) {
    if (response_state_ == pump_state::sink_blocked)
      return client_failed(end_reason::write_timeout, 0);
    return upstream_failed(failure_kind::timeout, end_reason::upstream_truncated, 504);
  }
  if (!request_.done() && request_state_ == pump_state::source_blocked)
    return client_failed(end_reason::body_timeout, 408);
  if (deadline_ == hedge_at_) {
    ask_second();
    return advance();
  }
  const auto& limits = x_->route.policy->limits.timeouts;
  const bool all = shard_.loop.now() >= asked_at_ + limits.request;
  if (scout_) return expire_race(all);
  return upstream_failed(failure_kind::timeout,
                         all ? end_reason::request_timeout : end_reason::upstream_timeout, 504);
}

// -- memory

void relay::grow(buffer& which, const body_pump& of) {
  if (which.capacity() != bytes_of(block_size::small) || !which.empty()) return;
  if (std::max(of.remaining(), of.content_bytes()) <= small_body_max) return;
  which = shard_.buffers.acquire(block_size::large);
}

buffer relay::take_surplus() {
  auto surplus = std::move(request_in_);
  if (surplus.empty()) surplus.release();
  return surplus;
}

} // namespace weir::net
