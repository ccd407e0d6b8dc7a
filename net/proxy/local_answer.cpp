// Composing and writing the node's own answers.
#include "net/proxy/local_answer.hpp"

#include "net/http/error_page.hpp"
#include "net/proxy/forward_heads.hpp"
#include "net/route/site_table.hpp"

#include <unistd.h>

namespace weir::net {

namespace {

/// When a client may come back after a 503: as long as a queue may make it wait.
constexpr std::chrono::seconds retry_after{5};

} // namespace

void local_answer::start(exchange& x, bool may_keep) {
  x_ = &x;
  keep_ = may_keep;
  sent_ = 0;
  progress_at_ = shard_.loop.now();
  out_.clear();
  file_.file.reset();
  head_ = shard_.buffers.acquire(block_size::small);
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
  if (x_->route.policy != nullptr) {
    if (x_->secure) made.hsts_line = x_->route.policy->hsts;
    made.changes = &x_->route.policy->response;
  }
  return made;
}

void local_answer::compose_error() {
  if (x_->status == 0) x_->status = 500;
  const auto page = error_page(x_->status, prefers_html(x_->request));
  auto made = frame(page.content_type, page.body);
  if (x_->status == 503) made.retry_after = retry_after;
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
  auto made = frame({}, {}); // OPTIONS *
  const auto allow = "Allow: " + std::string(x_->route.allow) + "\r\n";
  made.extra_lines = allow;
  write(made);
}

void local_answer::compose_file() {
  shard_.files.plan(*x_->route.files,
                    {x_->request, x_->route.file_path(), x_->route.policy->cache_control,
                     shard_.clock.wall_of(shard_.loop.now(), shard_.loop.now())},
                    shard_.loop.now(), file_);
  x_->status = file_.status;
  x_->detail = file_.reason == file_reason::found ? std::string_view{} : name_of(file_.reason);
  if (file_.status >= 400) {
    const auto page = error_page(x_->status, prefers_html(x_->request));
    auto made = frame(page.content_type, page.body);
    made.extra_lines = file_.fields;
    return write(made);
  }
  // The plan has its own length: of the range, or of what a GET would have got.
  if (!write_file_head(shard_, *x_, file_, keep_, head_)) keep_ = false;
  take_short_file();
  out_.add(head_.view());
}

/// A file that fits behind its head goes out with it: one write, one segment, and no pipe of
/// sendfile's.
void local_answer::take_short_file() {
  const auto room = head_.free_space();
  if (!file_.file || file_.length > room.size()) return;
  const auto size = static_cast<std::size_t>(file_.length);
  const auto got = ::pread(file_.file->fd.get(), room.data(), size, file_.offset);
  if (got != static_cast<ssize_t>(size)) return; // it shrank: sending it will find that out
  head_.commit(size);
  file_.file.reset();
}

void local_answer::write(const own_response& response) {
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
  if (!out_.empty()) {
    const auto wrote = out_.flush(client);
    x_->response_bytes += wrote.bytes;
    if (wrote.bytes > 0) progress_at_ = shard_.loop.now();
    if (wrote.status == io_status::again) return answer_state::blocked;
    if (wrote.status != io_status::ok) return finish(answer_state::failed);
  }
  if (file_.file) return advance_file(client);
  return finish(answer_state::done);
}

answer_state local_answer::advance_file(channel& client) {
  std::uint64_t turn = 0;
  while (sent_ < file_.length) {
    if (turn >= turn_bytes_max) return answer_state::yielded;
    auto offset = file_.offset + static_cast<off_t>(sent_);
    const auto wrote = client.send_file(file_.file->fd.get(), offset,
                                        static_cast<std::size_t>(file_.length - sent_));
    sent_ += wrote.bytes;
    turn += wrote.bytes;
    x_->response_bytes += wrote.bytes;
    if (wrote.bytes > 0) progress_at_ = shard_.loop.now();
    if (wrote.status == io_status::again) return answer_state::blocked;
    // A file that became shorter ends here too: the length was promised.
    if (wrote.status != io_status::ok || wrote.bytes == 0) return finish(answer_state::failed);
  }
  return finish(answer_state::done);
}

answer_state local_answer::finish(answer_state state) {
  file_.file.reset();
  head_.release();
  long_.clear();
  out_.clear();
  return state;
}

} // namespace weir::net
