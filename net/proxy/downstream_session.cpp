// The life of a client connection: states, heads, hand-over to the stages.
#include "net/proxy/downstream_session.hpp"

#include "net/http/parser.hpp"
#include "net/proxy/identify_request.hpp"
#include "net/proxy/upstream_pool.hpp"

#include <algorithm>

namespace weir::net {

namespace {

/// After our last byte: how long we go on reading, so that the client sees the answer and not a
/// reset (RFC 9112 9.6).
constexpr duration linger_silence = 2s;
constexpr duration linger_total = 10s;
/// A client that goes on sending must not keep the shard from the others.
constexpr int linger_reads_per_turn = 16;
/// A body nobody wanted is read away up to this size, to keep the connection.
constexpr std::uint64_t discard_max = 64 * 1024;
/// How long a drained connection may stay idle. A client that sends when we close loses its
/// request, so it gets the time that a request needs to arrive.
constexpr duration drain_idle = 500ms;
/// Who asks again within this time finds what its requests need where it was.
constexpr duration busy_for = 2s;

} // namespace

downstream_session::downstream_session(shard_services& shard, std::unique_ptr<stream> io,
                                       const client_facts& client, session_host& host)
    : shard_(shard), host_(host), wire_(std::move(io)), client_(client) {}

downstream_session::~downstream_session() {
  if (phase_ != phase::ended) close();
}

void downstream_session::start() {
  if (shard_.loop.watch(wire_.io().fd(), *this)) return kill();
  head_deadline();
  advance();
}

void downstream_session::on_io(io_events events) {
  wire_.note(events);
  if (phase_ == phase::stages && client_left()) leave();
  advance();
}

void downstream_session::on_relay_event() {
  advance();
}

void downstream_session::advance() {
  while (step() == next::go_on) {
  }
}

downstream_session::next downstream_session::step() {
  switch (phase_) {
  case phase::handshake:
    return do_handshake();
  case phase::head:
    return read_head();
  case phase::local:
    return do_local();
  case phase::relaying:
    return do_relay();
  case phase::tunnelling:
    return do_tunnel();
  case phase::discard:
    return do_discard();
  case phase::linger:
    return do_linger();
  case phase::stages:
  case phase::ended:
    break;
  }
  return next::wait;
}

downstream_session::next downstream_session::do_handshake() {
  if (wire_.io().encrypted() && !shard_.handshakes.take(shard_.loop.now())) {
    shard_.metrics.defence.handshakes_deferred.add();
    host_.continue_soon();
    return next::wait;
  }
  const auto shaken = wire_.io().handshake();
  if (shaken.status == io_status::again) return next::wait;
  shard_.metrics.count_handshake(wire_.io(), shaken.status == io_status::ok);
  if (shaken.status != io_status::ok) {
    close();
    return next::wait;
  }
  client_.proof = wire_.io().proof();
  if (client_.proof != nullptr) count_proof();
  phase_ = phase::head;
  return next::go_on;
}

// -- heads

downstream_session::next downstream_session::read_head() {
  if (!in_.empty()) {
    if (!x_) {
      x_ = shard_.exchanges.take();
      x_->config = shard_.config;
      x_->times.begun = shard_.loop.now();
    }
    x_->request.fields.clear();
    const auto& limit = limits();
    const head_limits most{.bytes = limit.header_bytes, .fields = limit.headers};
    const auto parsed = parse_request(in_.view(), most, scanned_, x_->request);
    if (parsed.status == parse_status::complete) return begin_exchange(parsed.head_bytes);
    if (parsed.status == parse_status::failed) return refuse_head(parsed.error);
    x_->request.fields.clear(); // what was found so far lies in bytes that may move
  }
  if (!make_room()) return refuse_head(parse_error::head_too_large);
  const auto got = wire_.read(in_.free_space());
  switch (got.status) {
  case io_status::ok:
    if (in_.empty()) head_deadline();
    in_.commit(got.bytes);
    return next::go_on;
  case io_status::again:
    if (in_.empty()) in_.release();
    return next::wait;
  case io_status::eof:
  case io_status::error:
    break;
  }
  close();
  return next::wait;
}

bool downstream_session::make_room() {
  if (in_.capacity() == 0) in_ = shard_.buffers.acquire(block_size::small);
  if (!in_.free_space().empty()) return true;
  in_.compact();
  return !in_.free_space().empty() || shard_.buffers.grow(in_);
}

downstream_session::next downstream_session::begin_exchange(std::size_t head_bytes) {
  auto& x = *x_;
  head_bytes_ = head_bytes;
  scanned_ = 0;
  x.client = client_;
  x.times.head = shard_.loop.now();
  phase_ = phase::stages;
  set_deadline(x.times.begun + limits().timeouts.request);
  count_begun();
  x.identity = &at_work().identity;
  if (!identify_request(x, shard_.ids) || shard_.shedding != overload_reason::none) {
    if (x.status == 0) shed(x);
    x.request.keep_alive = false; // whoever sends this may not agree with us on what follows it
    answer_locally();
    return next::go_on;
  }
  x.uploading =
      x.request.framing == body_framing::chunked ||
      (x.request.framing == body_framing::length && x.request.content_length > early_body().size());
  host_.submit(x_);
  return next::wait;
}

downstream_session::next downstream_session::refuse_head(parse_error why) {
  x_->detail = name_of(why);
  refuse(status_of(why), end_reason::malformed_request);
  return next::go_on;
}

/// Answers a head that is not complete or not HTTP, and closes: where the next one would begin is
/// unknown.
void downstream_session::refuse(std::uint16_t status, end_reason reason) {
  auto& x = *x_;
  x.client = client_;
  x.client_address = client_.peer;
  x.secure = client_.secure;
  x.request.keep_alive = false;
  x.request.framing = body_framing::none;
  x.request.method = http_method::get; // whatever it was: the answer has a body
  x.fail(status, reason);
  count_begun();
  answer_locally();
}

void downstream_session::count_begun() {
  shard_.metrics.in_flight.add();
  counted_ = true;
}

session_work& downstream_session::at_work() {
  if (!work_) work_ = shard_.works.make(shard_, *this, client_);
  return *work_;
}

std::string_view downstream_session::early_body() const {
  return in_.view().substr(std::min(head_bytes_, in_.size()));
}

// -- verdicts

void downstream_session::resume(exchange& x) {
  if (phase_ != phase::stages || x_.get() != &x) return;
  if (x.lease) {
    phase_ = phase::relaying;
    work_->join.start(x, wire_, early_body(), draining());
  } else {
    answer_locally();
  }
  advance();
}

void downstream_session::answer_locally() {
  phase_ = phase::local;
  x_->times.answered = shard_.loop.now();
  at_work().answer.start(*x_, x_->request.keep_alive && !draining() && can_discard_body());
}

bool downstream_session::can_discard_body() const {
  const auto& head = x_->request;
  if (head.framing == body_framing::none) return true;
  return head.framing == body_framing::length && head.content_length <= discard_max &&
         !head.expect_continue && x_->request_bytes == 0;
}

downstream_session::next downstream_session::do_local() {
  const auto state = work_->answer.advance(wire_);
  if (state == answer_state::yielded) host_.continue_soon();
  if (state == answer_state::failed) {
    x_->reason = end_reason::client_gone;
    record();
    close();
    return next::wait;
  }
  if (state != answer_state::done) {
    set_deadline(work_->answer.progress_at() + limits().timeouts.write);
    return next::wait;
  }
  work_->discarded = body_decoder(x_->request.framing, x_->request.content_length);
  const bool keep = work_->answer.keeps_connection();
  if (!keep || work_->discarded.done()) return finish_exchange(keep);
  end_exchange();
  phase_ = phase::discard;
  set_deadline(shard_.loop.now() + limits().timeouts.body);
  return next::go_on;
}

downstream_session::next downstream_session::do_discard() {
  while (!in_.empty()) {
    const auto step = work_->discarded.step(in_.view());
    in_.consume(step.consumed);
    if (step.status == body_status::failed) return close_gently();
    if (step.status == body_status::done) return next_request();
  }
  in_.clear();
  const auto got = wire_.read(in_.free_space());
  if (got.status == io_status::again) return next::wait;
  if (got.status != io_status::ok) return close_gently();
  in_.commit(got.bytes);
  return next::go_on;
}

downstream_session::next downstream_session::do_relay() {
  return after(work_->join.advance());
}

downstream_session::next downstream_session::after(relay_state state) {
  switch (state) {
  case relay_state::yielded:
    host_.continue_soon();
    [[fallthrough]];
  case relay_state::streaming:
    if (client_left()) return leave();
    set_deadline(work_->join.deadline());
    return next::wait;
  case relay_state::finished:
    return finish_relay();
  case relay_state::retry:
    phase_ = phase::stages;
    set_deadline(x_->times.begun + limits().timeouts.request);
    host_.retry(x_);
    return next::wait;
  case relay_state::failed:
  case relay_state::replaced:
    answer_locally();
    return next::go_on;
  case relay_state::upgraded:
    return begin_tunnel();
  case relay_state::broken:
    break;
  }
  record();
  close();
  return next::wait;
}

downstream_session::next downstream_session::finish_relay() {
  const bool reusable = work_->join.reusable();
  if (x_->request.framing != body_framing::none) {
    record(); // while the head is still there
    // The early part of the body was copied; what the relay read too much begins the next request.
    in_ = work_->join.take_surplus();
    head_bytes_ = 0;
  }
  return finish_exchange(reusable);
}

/// The client has closed, and nothing more of its request is to be read: nobody waits for the
/// answer. A FIN alone cannot be told from a client that only ended its own side; like most
/// gateways we take it for the end, or a silent origin would hold its connection for ever.
bool downstream_session::client_left() const {
  if (!wire_.hangup()) return false;
  return phase_ == phase::relaying ? work_->join.request_read()
                                   : x_->request.framing == body_framing::none;
}

downstream_session::next downstream_session::leave() {
  if (phase_ == phase::relaying) work_->join.abort();
  x_->reason = end_reason::client_gone;
  record();
  close();
  return next::wait;
}

// -- between and after exchanges

/// After this nothing views the head any more, and its bytes may go.
void downstream_session::end_exchange() {
  record();
  x_.reset();
  in_.consume(std::min(head_bytes_, in_.size()));
  head_bytes_ = 0;
}

downstream_session::next downstream_session::finish_exchange(bool reusable) {
  end_exchange();
  return reusable ? next_request() : close_gently();
}

downstream_session::next downstream_session::next_request() {
  phase_ = phase::head;
  asked_ = true;
  if (in_.empty()) {
    in_.release();
    const duration idle = limits().timeouts.idle;
    until_ = shard_.loop.now() + (draining_ ? std::min(idle, drain_idle) : idle);
    set_deadline(std::min(until_, shard_.loop.now() + busy_for));
  } else {
    head_deadline();
  }
  return next::go_on;
}

downstream_session::next downstream_session::close_gently() {
  wire_.io().shutdown_write();
  phase_ = phase::linger;
  until_ = shard_.loop.now() + linger_total;
  set_deadline(shard_.loop.now() + linger_silence);
  return next::go_on;
}

downstream_session::next downstream_session::do_linger() {
  if (in_.capacity() == 0) in_ = shard_.buffers.acquire(block_size::small);
  io_result got;
  for (int reads = 0; reads < linger_reads_per_turn; ++reads) {
    in_.clear();
    got = wire_.read(in_.free_space());
    if (got.status != io_status::ok) break;
  }
  if (got.status == io_status::ok) {
    set_deadline(std::min(until_, shard_.loop.now() + linger_silence));
    host_.continue_soon();
    return next::wait;
  }
  in_.release();
  if (got.status != io_status::again) close();
  return next::wait;
}

void downstream_session::drain() {
  draining_ = true;
  if (phase_ == phase::relaying) work_->join.close_after();
  if (phase_ == phase::head && in_.empty()) next_request();
}

void downstream_session::kill() {
  if (phase_ == phase::ended) return;
  if (phase_ == phase::relaying) work_->join.abort();
  if (phase_ == phase::tunnelling) {
    upgraded_->join.go_away();
    end_tunnel();
    return;
  }
  if (x_) x_->reason = end_reason::shutting_down;
  record();
  close();
}

void downstream_session::close() {
  timer_.cancel();
  if (x_) {
    x_->cancelled = true;
    if (phase_ == phase::relaying) work_->join.abort();
    x_.reset();
  }
  in_.release();
  shard_.loop.unwatch(wire_.io().fd(), *this);
  wire_.close();
  phase_ = phase::ended;
  host_.ended();
}

} // namespace weir::net
