// Where a message body ends and what of the bytes on the wire is content (RFC 9112 6 and 7).
#include "net/http/body.hpp"

#include <algorithm>

namespace weir::net {

body_decoder::body_decoder(body_framing framing, std::uint64_t content_length)
    : framing_{framing}, remaining_{framing == body_framing::length ? content_length : 0} {
  const bool empty =
      framing == body_framing::none || (framing == body_framing::length && content_length == 0);
  status_ = empty ? body_status::done : body_status::more;
}

body_step body_decoder::step(std::string_view in) {
  if (status_ != body_status::more) return {status_, 0, {}};
  body_step next;
  if (framing_ == body_framing::chunked) {
    next = chunks_.step(in);
  } else {
    const bool counted = framing_ == body_framing::length;
    next.content = counted ? in.substr(0, std::min<std::uint64_t>(in.size(), remaining_)) : in;
    next.consumed = next.content.size();
    if (counted) remaining_ -= next.consumed;
    if (counted && remaining_ == 0) next.status = body_status::done;
  }
  content_bytes_ += next.content.size();
  status_ = next.status;
  return next;
}

body_status body_decoder::finish() {
  if (status_ == body_status::more)
    status_ = framing_ == body_framing::until_close ? body_status::done : body_status::failed;
  return status_;
}

} // namespace weir::net
