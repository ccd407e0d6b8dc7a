// From the fields of a head to where its body ends and whether the connection lives on (RFC 9112 6,
// 7, 9.3).
#include "net/http/framing.hpp"

#include "net/http/char_class.hpp"

#include <charconv>

namespace weir::net {

namespace {

struct connection_options {
  bool close = false;
  bool keep_alive = false;
  bool others = false;
};

connection_options read_connection(const message_head& head) {
  connection_options options;
  for (const auto& f : head.fields) {
    if (f.id != field_id::connection) continue;
    each_member(f.value, [&](std::string_view option) {
      if (iequals(option, "close"))
        options.close = true;
      else if (iequals(option, "keep-alive"))
        options.keep_alive = true;
      else if (!option.empty() && !iequals(option, "upgrade"))
        options.others = true;
      return true;
    });
  }
  return options;
}

parse_error read_content_length(message_head& head) {
  const field* length = nullptr;
  for (const auto& f : head.fields) {
    if (f.id != field_id::content_length) continue;
    if (length) return parse_error::conflicting_length; // also when they agree
    length = &f;
  }
  const auto digits = length->value;
  if (!all_in(digits, char_class::digit)) return parse_error::bad_content_length;
  const auto end = digits.data() + digits.size();
  const auto parsed = std::from_chars(digits.data(), end, head.content_length);
  if (parsed.ec != std::errc{}) return parse_error::bad_content_length; // empty or above 2^64
  head.framing = body_framing::length;
  return parse_error::none;
}

parse_error read_transfer_encoding(message_head& head) {
  if (head.minor_version == 0) return parse_error::bad_transfer_encoding;
  bool chunked = false, other = false, ambiguous = false;
  for (const auto& f : head.fields) {
    if (f.id != field_id::transfer_encoding) continue;
    each_member(f.value, [&](std::string_view coding) {
      ambiguous =
          ambiguous || chunked || !is_token(coding); // chunked twice or not last, empty, parameters
      if (iequals(coding, "chunked"))
        chunked = true;
      else
        other = true;
      return true;
    });
  }
  if (ambiguous || !chunked) return parse_error::bad_transfer_encoding;
  if (other) return parse_error::unsupported_coding;
  head.framing = body_framing::chunked;
  return parse_error::none;
}

} // namespace

parse_error read_framing(message_head& head, field_set seen) {
  head.keep_alive = head.minor_version >= 1;
  if (seen.has(field_id::connection)) {
    const auto options = read_connection(head);
    head.keep_alive = !options.close && (head.keep_alive || options.keep_alive);
    head.connection_names_fields = options.others;
  }
  const bool length = seen.has(field_id::content_length);
  const bool encoded = seen.has(field_id::transfer_encoding);
  if (length && encoded) return parse_error::conflicting_length;
  if (length) return read_content_length(head);
  if (encoded) return read_transfer_encoding(head);
  return parse_error::none;
}

} // namespace weir::net
