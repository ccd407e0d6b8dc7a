// The answers that come from the file system: whole, in parts, compressed before or on the way.
#include "net/proxy/forward_heads.hpp"
#include "net/proxy/local_answer.hpp"
#include "net/proxy/response_coding.hpp"
#include "net/route/site_table.hpp"

#include <unistd.h>

namespace weir::net {

file_request file_request_of(const exchange& x, wall_time now, bool may_encode) {
  const auto& policy = *x.route.policy;
  return {.head = x.request,
          .path = x.route.file_path(),
          .cache_control = policy.cache_control,
          .now = now,
          .compress = may_encode ? policy.compress.get() : nullptr,
          .named = policy.send_files && x.route.files == &policy.send_files->files,
          .named_fields = x.named_fields};
}

void local_answer::plan_file(bool may_encode) {
  const auto now = shard_.loop.now();
  shard_.files.plan(*x_->route.files,
                    file_request_of(*x_, shard_.clock.wall_of(now, now), may_encode), now, file_);
}

void local_answer::compose_file() {
  plan_file(true);
  if (file_.coding && file_.file && begin_coded_file()) return;
  x_->status = file_.status;
  x_->detail = file_.reason == file_reason::found ? std::string_view{} : name_of(file_.reason);
  if (file_.status >= 400) return write_error(file_.fields);
  if (!file_.page.empty()) return write(frame("text/html; charset=utf-8", file_.page));
  // The plan has its own length: of the range, or of what a GET would have got.
  if (!write_file_head(shard_, *x_, file_, {body_framing::none, keep_}, head_)) keep_ = false;
  take_short_file();
  out_.add(head_.view());
  sender_.start(file_);
}

/// False: there is no encoder for it now, and it is planned anew to go as it is.
bool local_answer::begin_coded_file() {
  if (auto kept = shard_.coded_files.find(file_.file, *file_.coding)) {
    shard_.encoders.metrics.coded[static_cast<std::size_t>(*file_.coding)].add();
    send_coded(std::move(kept));
    return true;
  }
  auto coding =
      begin_coding(shard_, *x_, {compress_reason::coded, *file_.coding, true}, file_.file->size);
  if (!coding.encoder) {
    plan_file(false);
    return false;
  }
  x_->status = file_.status;
  const bool chunked = x_->request.minor_version != 0;
  keep_ = keep_ && chunked;
  const auto framing = chunked ? body_framing::chunked : body_framing::until_close;
  if (!write_file_head(shard_, *x_, file_, {framing, keep_}, head_)) keep_ = false;
  coded_ = std::make_unique<coded_body>(shard_, std::move(file_.file), std::move(coding.encoder),
                                        chunked);
  coded_->out().add(head_.view());
  return true;
}

void local_answer::send_coded(coded_content content) {
  kept_ = std::move(content);
  x_->status = file_.status;
  file_.fields += "Content-Length: " + std::to_string(kept_->size()) + "\r\n";
  file_.file.reset();
  if (!write_file_head(shard_, *x_, file_, {body_framing::none, keep_}, head_)) keep_ = false;
  out_.add(head_.view());
  out_.add(*kept_);
}

/// A file that fits behind its head goes out with it: one write, one segment, and no pipe of
/// sendfile's.
void local_answer::take_short_file() {
  const auto room = head_.free_space();
  if (!file_.file || !file_.parts.empty() || file_.length > room.size()) return;
  const auto size = static_cast<std::size_t>(file_.length);
  const auto got = ::pread(file_.file->fd.get(), room.data(), size, file_.offset);
  if (got != static_cast<ssize_t>(size)) return; // it shrank: sending it will find that out
  head_.commit(size);
  file_.file.reset();
}

answer_state local_answer::advance_file(channel& client) {
  const auto sent = sender_.advance(client);
  x_->response_bytes += sent.bytes;
  if (sent.bytes > 0) progress_at_ = shard_.loop.now();
  if (sent.status == io_status::again) return answer_state::blocked;
  if (sent.status != io_status::ok) return finish(answer_state::failed);
  return sender_.yielded() ? answer_state::yielded : finish(answer_state::done);
}

answer_state local_answer::advance_coded(channel& client) {
  const auto before = coded_->written_bytes();
  const auto state = coded_->run(client);
  const auto wrote = coded_->written_bytes() - before;
  x_->response_bytes += wrote;
  if (wrote > 0) progress_at_ = shard_.loop.now();
  if (state == pump_state::sink_blocked) return answer_state::blocked;
  if (state == pump_state::yielded) return answer_state::yielded;
  return finish(state == pump_state::done ? answer_state::done : answer_state::failed);
}

} // namespace weir::net
