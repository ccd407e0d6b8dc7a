// The request line, the four forms of a target, and Host (RFC 9112 3).
#include "net/http/authority.hpp"
#include "net/http/char_class.hpp"
#include "net/http/framing.hpp"
#include "net/http/head_window.hpp"
#include "net/http/scan.hpp"
#include "net/http/version.hpp"

namespace weir::net {

namespace {

constexpr std::ptrdiff_t method_bytes_max = 32; // the longest registered one has 17
constexpr int leading_empty_lines_max = 4;      // RFC 9112 2.2 asks for one at least

void reset(request_head& head) {
  head.keep_alive = true;
  head.framing = body_framing::none;
  head.content_length = 0;
  head.connection_names_fields = false;
  head.fields.clear();
  head.authority = head.path = head.query = {};
  head.has_query = head.absolute_form = head.expect_continue = head.upgrade = false;
}

parse_status skip_empty_lines(cursor& in) {
  for (int lines = 0; in.at != in.end && (*in.at == '\r' || *in.at == '\n'); ++lines) {
    if (lines == leading_empty_lines_max) return in.fail(parse_error::bad_request_line);
    const auto status = in.expect_crlf(parse_error::bad_request_line);
    if (status != parse_status::complete) return status;
  }
  return parse_status::complete;
}

parse_status lex_method(cursor& in, request_head& head) {
  const char* begin = in.at;
  while (in.at != in.end && is_in(*in.at, char_class::token) && in.at - begin <= method_bytes_max)
    ++in.at;
  if (in.at - begin > method_bytes_max) return in.fail(parse_error::bad_method);
  if (in.at == in.end) return parse_status::incomplete;
  head.method_name = {begin, in.at};
  if (*in.at != ' ' || head.method_name.empty()) {
    const auto status = in.expect_crlf(parse_error::bad_method);
    return status == parse_status::complete ? in.fail(parse_error::bad_request_line) : status;
  }
  ++in.at;
  head.method = identify_method(head.method_name);
  return parse_status::complete;
}

parse_status lex_target(cursor& in, std::size_t target_max, request_head& head) {
  const char* begin = in.at;
  in.at = scan::find<scan::not_visible>(in.at, in.end);
  head.target = {begin, in.at};
  if (head.target.size() > target_max) return in.fail(parse_error::target_too_long);
  if (in.at == in.end) return parse_status::incomplete;
  if (*in.at == ' ') {
    if (head.target.empty()) return in.fail(parse_error::bad_request_line);
    ++in.at;
    return parse_status::complete;
  }
  const auto status = in.expect_crlf(parse_error::bad_target);
  return status == parse_status::complete ? in.fail(parse_error::bad_request_line) : status;
}

void split_path(std::string_view path_and_query, request_head& head) {
  const auto mark = path_and_query.find('?');
  head.path = path_and_query.substr(0, mark);
  head.has_query = mark != path_and_query.npos;
  if (head.has_query) head.query = path_and_query.substr(mark + 1);
}

/// http://host[:port][/path][?query]; RFC 9110 4.2 makes any other scheme somebody else's.
bool split_absolute(request_head& head) {
  const auto colon = head.target.find(':');
  if (colon == head.target.npos) return false;
  const auto scheme = head.target.substr(0, colon);
  auto rest = head.target.substr(colon);
  if (!iequals(scheme, "http") && !iequals(scheme, "https")) return false;
  if (!rest.starts_with("://")) return false;
  rest.remove_prefix(3);
  const auto end = rest.find_first_of("/?");
  head.authority = rest.substr(0, end);
  host_port parts;
  if (!split_authority(head.authority, parts)) return false;
  head.absolute_form = true;
  split_path(end == rest.npos ? std::string_view{} : rest.substr(end), head);
  // RFC 9112 3.2.4: OPTIONS of a whole server arrives at the origin as "*".
  if (head.path.empty())
    head.path = head.method == http_method::options && !head.has_query ? "*" : "/";
  return true;
}

bool split_target(request_head& head) {
  if (head.target.find('#') != head.target.npos) return false;
  if (head.method == http_method::connect) {
    host_port parts;
    if (!split_authority(head.target, parts) || parts.port.empty()) return false;
    head.authority = head.target;
    return true;
  }
  if (head.target.front() == '/') {
    split_path(head.target, head);
    return true;
  }
  if (head.target == "*") {
    head.path = head.target;
    return head.method == http_method::options;
  }
  return split_absolute(head);
}

/// Host must be right even where the target makes it irrelevant (RFC 9112 3.2, 3.2.2).
parse_error read_host(request_head& head) {
  const field* host = nullptr;
  for (const auto& f : head.fields) {
    if (f.id != field_id::host) continue;
    if (host) return parse_error::duplicate_host;
    host = &f;
  }
  host_port parts;
  if (!split_authority(host->value, parts)) return parse_error::bad_host;
  if (head.authority.empty()) head.authority = host->value;
  return parse_error::none;
}

parse_error read_expect(request_head& head) {
  for (const auto& f : head.fields) {
    if (f.id != field_id::expect) continue;
    if (!iequals(f.value, "100-continue")) return parse_error::bad_expectation;
    head.expect_continue = head.minor_version >= 1; // RFC 9110 10.1.1: ignored in HTTP/1.0
  }
  return parse_error::none;
}

bool connection_lists_upgrade(const request_head& head) {
  for (const auto& f : head.fields)
    if (f.id == field_id::connection &&
        !each_member(f.value, [](std::string_view option) { return !iequals(option, "upgrade"); }))
      return true;
  return false;
}

/// An offer to speak h2c is not for the next hop to see: it would leave the framing we check (RFC
/// 9113 3.1 withdrew it).
bool wants_upgrade(const request_head& head) {
  if (head.minor_version == 0 || !connection_lists_upgrade(head)) return false;
  const auto* offer = head.find(field_id::upgrade);
  return each_member(offer->value, [](std::string_view name) { return !iequals(name, "h2c"); });
}

parse_error interpret(request_head& head, field_set seen) {
  if (!split_target(head)) return parse_error::bad_target;
  if (seen.has(field_id::host)) {
    if (auto error = read_host(head); error != parse_error::none) return error;
  } else if (head.minor_version >= 1) {
    return parse_error::missing_host;
  }
  if (auto error = read_framing(head, seen); error != parse_error::none) return error;
  if (seen.has(field_id::expect))
    if (auto error = read_expect(head); error != parse_error::none) return error;
  head.upgrade = seen.has(field_id::upgrade) && wants_upgrade(head);
  return parse_error::none;
}

parse_status parse_head(cursor& in, const head_limits& limits, request_head& head) {
  reset(head);
  auto status = skip_empty_lines(in);
  if (status == parse_status::complete) status = lex_method(in, head);
  if (status == parse_status::complete) status = lex_target(in, limits.target, head);
  if (status == parse_status::complete) status = lex_version(in, head.minor_version);
  if (status == parse_status::complete) status = in.expect_crlf(parse_error::bad_version);
  if (status != parse_status::complete) return status;
  const char* begin = in.at;
  field_set seen;
  status = lex_fields(in, limits.fields, head.fields, seen);
  if (status != parse_status::complete) return status;
  head.field_section = {begin, in.at - 2};
  const auto error = interpret(head, seen);
  return error == parse_error::none ? status : in.fail(error);
}

} // namespace

parse_result parse_request(std::string_view in, const head_limits& limits, std::size_t& scanned,
                           request_head& head) {
  return parse_growing(in, limits, scanned,
                       [&](cursor& at) { return parse_head(at, limits, head); });
}

} // namespace weir::net
