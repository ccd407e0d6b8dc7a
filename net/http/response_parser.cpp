// The status line, and which responses have a body (RFC 9112 4 and 6.3).
#include "net/http/char_class.hpp"
#include "net/http/framing.hpp"
#include "net/http/head_window.hpp"
#include "net/http/scan.hpp"
#include "net/http/version.hpp"

namespace weir::net {

namespace {

void reset(response_head& head) {
  head.keep_alive = true;
  head.framing = body_framing::none;
  head.content_length = 0;
  head.connection_names_fields = false;
  head.fields.clear();
  head.reason = {};
}

/// SP and three digits. RFC 9110 15: outside 100..599 a status means nothing.
parse_status lex_status(cursor& in, response_head& head) {
  constexpr std::ptrdiff_t size = 4;
  const auto here = in.end - in.at < size ? in.end - in.at : size;
  for (std::ptrdiff_t i = 0; i < here; ++i)
    if (i == 0 ? in.at[i] != ' ' : !is_in(in.at[i], char_class::digit))
      return in.fail(parse_error::bad_status_line);
  if (here < size) return parse_status::incomplete;
  const int status = (in.at[1] - '0') * 100 + (in.at[2] - '0') * 10 + (in.at[3] - '0');
  if (status < 100 || status > 599) return in.fail(parse_error::bad_status_line);
  head.status = static_cast<std::uint16_t>(status);
  in.at += size;
  return parse_status::complete;
}

/// The reason may be empty, and then many servers leave its SP out.
parse_status lex_reason(cursor& in, response_head& head) {
  if (in.at != in.end && *in.at == ' ') {
    const char* begin = ++in.at;
    in.at = scan::find<scan::not_field_text>(in.at, in.end);
    head.reason = {begin, in.at};
  }
  return in.expect_crlf(parse_error::bad_status_line);
}

/// RFC 9112 6.3. Where a body may not be but fields announce one, what follows cannot be told from
/// the next response.
void settle_body(response_head& head, http_method request_method) {
  const bool interim = head.status < 200;
  const bool tunnel = request_method == http_method::connect && head.status / 100 == 2;
  if (interim || tunnel || head.status == 204) {
    if (head.framing == body_framing::chunked || head.content_length > 0) head.keep_alive = false;
    head.framing = body_framing::none;
    head.content_length = 0;
  } else if (request_method == http_method::head || head.status == 304) {
    head.framing = body_framing::none;
  } else if (head.framing == body_framing::none) {
    head.framing = body_framing::until_close;
    head.keep_alive = false;
  }
}

parse_status parse_head(cursor& in, const head_limits& limits, http_method request_method,
                        response_head& head) {
  reset(head);
  auto status = lex_version(in, head.minor_version);
  if (status == parse_status::complete) status = lex_status(in, head);
  if (status == parse_status::complete) status = lex_reason(in, head);
  if (status != parse_status::complete) return status;
  const char* begin = in.at;
  field_set seen;
  status = lex_fields(in, limits.fields, head.fields, seen);
  if (status != parse_status::complete) return status;
  head.field_section = {begin, in.at - 2};
  if (auto error = read_framing(head, seen); error != parse_error::none) return in.fail(error);
  settle_body(head, request_method);
  return parse_status::complete;
}

} // namespace

parse_result parse_response(std::string_view in, const head_limits& limits, std::size_t& scanned,
                            http_method request_method, response_head& head) {
  return parse_growing(in, limits, scanned,
                       [&](cursor& at) { return parse_head(at, limits, request_method, head); });
}

} // namespace weir::net
