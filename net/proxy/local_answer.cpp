// Composing and writing the node's own answers.
#include "net/proxy/local_answer.hpp"

#include "net/http/error_page.hpp"
#include "net/http/span_writer.hpp"
#include "net/limit/limit_fields.hpp"
#include "net/proxy/auth_answer.hpp"
#include "net/proxy/cached_exchange.hpp"
#include "net/proxy/forward_heads.hpp"
#include "net/proxy/response_coding.hpp"
#include "net/route/site_table.hpp"

namespace weir::net {

namespace {

/// When a client may come back after a 503: as long as a queue may make it wait.
constexpr std::chrono::seconds retry_after{5};
/// What is in memory is encoded in one go: this much takes a few milliseconds at most.
constexpr std::size_t encode_at_once_max = body_pump::transform_turn_bytes_max;

} // namespace

void local_answer::start(exchange& x, bool may_keep) {
  x_ = &x;
  keep_ = may_keep;
  progress_at_ = shard_.loop.now();
  out_.clear();
  file_.clear();
  stored_.clear();
  head_ = shard_.buffers.acquire(block_size::small);
  if (x.cache != nullptr && compose_stored()) return;
  if (x.reason != end_reason::completed) return compose_error();
  switch (x.route.kind) {
  case routing_kind::redirect:
    return compose_redirect();
  case routing_kind::respond:
    return compose_respond();
  case routing_kind::files:
    return compose_file();
  case routing_kind::proxy:
  case routing_kind::refuse:
    return compose_error();
  }
}

// -- what is answered

own_response local_answer::frame(std::string_view content_type, std::string_view body) const {
  own_response made;
  made.status = x_->status;
  made.content_type = content_type;
  made.body = body;
  made.head_only = x_->request.method == http_method::head;
  made.client_minor_version = x_->request.minor_version;
  made.keep_alive = keep_;
  made.date = shard_.clock.date(shard_.loop.now());
  made.allow = x_->route.allow;
  made.added_lines = x_->answer_lines;
  if (x_->route.policy != nullptr) {
    if (x_->secure) made.hsts_line = x_->route.policy->hsts;
    made.changes = &x_->route.policy->response;
  }
  return made;
}

void local_answer::compose_error() {
  if (x_->status == 0) x_->status = 500;
  const bool by_auth =
      x_->reason == end_reason::refused && x_->route.reason == routing_reason::auth_refused;
  if (by_auth && compose_auth_answer()) return;
  write_error({});
}

/// What forward_auth's server said instead of letting the request pass. Unless it says so itself,
/// nobody keeps that in the place of what was asked for.
bool local_answer::compose_auth_answer() {
  auto& said = *x_->auth;
  const bool body = x_->request.method != http_method::head;
  said.head.framing = body_framing::length;
  said.head.content_length = said.body.size();
  std::array<char, 64> line;
  span_writer lines{line};
  if (!body) lines.put("Content-Length: ", std::uint64_t{said.body.size()}, "\r\n");
  if (!said.head.find(field_id::cache_control)) lines.put("Cache-Control: no-store\r\n");
  const answer_framing how{body ? body_framing::length : body_framing::none, keep_};
  if (!write_stored_head(shard_, *x_, said.head, how, {line.data(), lines.size()}, head_)) {
    x_->route.reason = routing_reason::auth_bad_answer;
    x_->status = 503;
    return false;
  }
  out_.add(head_.view());
  if (body) out_.add(said.body);
  return true;
}

void local_answer::write_error(std::string_view fields) {
  own_response made;
  const auto* policy = x_->route.policy;
  const auto* pages = policy != nullptr ? policy->error_pages.get() : nullptr;
  if (pages != nullptr && pages->contains(x_->status)) {
    const auto& page = pages->at(x_->status);
    made = frame(page.content_type, page.body);
  } else {
    const auto page = error_page(x_->status, prefers_html(x_->request));
    made = frame(page.content_type, page.body);
  }
  if (x_->status == 503) made.retry_after = retry_after;
  made.extra_lines = fields;
  limit_fields told;
  if (x_->retry_after > duration{}) {
    made.retry_after = std::chrono::ceil<std::chrono::seconds>(x_->retry_after);
    made.extra_lines = told.lines(*x_->limited, x_->reason, *made.retry_after);
  }
  write(made);
}

void local_answer::compose_redirect() {
  x_->status = x_->route.status;
  auto made = frame({}, {});
  made.location = x_->route.location();
  write(made);
}

void local_answer::compose_respond() {
  x_->status = x_->route.status;
  if (const auto* respond = x_->route.respond)
    return write(frame(respond->content_type, respond->body));
  auto made = frame({}, {}); // OPTIONS * or a CORS preflight
  std::string allow;
  if (!made.allow.empty()) allow.append("Allow: ").append(made.allow).append("\r\n");
  made.extra_lines = allow;
  write(made);
}

void local_answer::write(own_response made) {
  const auto* policy = x_->route.policy;
  if (policy == nullptr || !policy->compress || made.body.size() < policy->compress->min_bytes ||
      made.body.size() > encode_at_once_max)
    return put(made);
  const auto choice = choose_compression(*policy->compress, x_->request, made.status,
                                         made.content_type, made.body.size());
  auto coding = begin_coding(shard_, *x_, choice, made.body.size());
  std::string lines(made.extra_lines), coded;
  if (choice.varies) lines += "Vary: Accept-Encoding\r\n";
  // HEAD is told the coding and no length, as for what is encoded piece by piece.
  made.omit_length = !coding.fields.coding.empty() && made.head_only;
  const bool encoded = coding.encoder && encode_whole(*coding.encoder, made.body, coded);
  if (encoded) made.body = coded;
  if (!coding.fields.coding.empty() && (made.head_only || encoded))
    lines.append("Content-Encoding: ").append(coding.fields.coding).append("\r\n");
  made.extra_lines = lines;
  put(made);
}

/// What the cache stage or the relay chose; or what stands in for an error of the origin.
bool local_answer::compose_stored() {
  auto& cache = *x_->cache;
  if (cache.answer() == nullptr && !cache.rescue(*x_)) return false;
  if (stored_.start(shard_, *x_, keep_, head_, out_)) return true;
  // A head that came in cannot be too large to go out.
  x_->fail(500, end_reason::upstream_malformed);
  out_.clear();
  return false;
}

void local_answer::put(const own_response& response) {
  const auto room = head_.free_space();
  const auto needed = write_own_response(room, response);
  if (needed <= room.size()) {
    head_.commit(needed);
    return out_.add(head_.view());
  }
  long_.resize(needed);
  write_own_response(long_, response);
  out_.add(long_);
}

// -- writing

answer_state local_answer::advance(channel& client) {
  if (coded_) return advance_coded(client);
  std::uint64_t turn = 0;
  while (!out_.empty()) {
    const auto wrote = out_.flush(client);
    x_->response_bytes += wrote.bytes;
    turn += wrote.bytes;
    if (wrote.bytes > 0) progress_at_ = shard_.loop.now();
    if (wrote.status == io_status::again) return answer_state::blocked;
    if (wrote.status != io_status::ok) return finish(answer_state::failed);
    if (stored_.add_more(out_) && turn >= file_sender::turn_bytes_max) return answer_state::yielded;
  }
  if (file_.file) return advance_file(client);
  return finish(answer_state::done);
}

answer_state local_answer::finish(answer_state state) {
  file_.clear();
  kept_.reset();
  coded_.reset();
  stored_.clear();
  head_.release();
  long_.clear();
  out_.clear();
  return state;
}

} // namespace weir::net
