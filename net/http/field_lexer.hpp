// Splits the lines of a head or a trailer section into fields (RFC 9112 5), refusing every repair.
#pragma once

#include "net/http/known_fields.hpp"
#include "net/http/message.hpp"
#include "net/http/parser.hpp"

#include <string_view>

namespace weir::net {

/// Where a parse stands in its input, and why it stopped.
struct cursor {
  const char* at;
  const char* end;
  parse_error error = parse_error::none;

  explicit cursor(std::string_view in) : at{in.data()}, end{in.data() + in.size()} {}

  parse_status fail(parse_error why) {
    error = why;
    return parse_status::failed;
  }
  /// Steps over the CRLF that must be here; fails with `otherwise` when something visible is.
  parse_status expect_crlf(parse_error otherwise) {
    if (end - at < 2 || at[0] != '\r' || at[1] != '\n') return refuse_byte(otherwise, otherwise);
    at += 2;
    return parse_status::complete;
  }
  /// What to call the byte here, which may not stand here: part of a bad line end, or else
  /// `visible`; `end_of_line` when a good CRLF comes too early.
  parse_status refuse_byte(parse_error visible, parse_error end_of_line);
};

/// Reads field lines and the empty line after them. Appends to `fields`; `seen` gets the ids that
/// were there.
parse_status lex_fields(cursor& in, std::size_t fields_max, field_list& fields, field_set& seen);

} // namespace weir::net
