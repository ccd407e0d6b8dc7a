// Splits the lines of a head or a trailer section into fields (RFC 9112 5), refusing every repair.
#include "net/http/field_lexer.hpp"

#include "net/http/char_class.hpp"
#include "net/http/scan.hpp"

namespace weir::net {

namespace {

/// What to call a byte that may not stand where it stands. REQUIRES: in.at != in.end.
parse_status refuse_byte(cursor& in, parse_error visible, parse_error end_of_line) {
  if (*in.at == '\n') return in.fail(parse_error::bare_lf);
  if (*in.at != '\r') return in.fail(visible);
  if (in.end - in.at < 2) return parse_status::incomplete;
  return in.fail(in.at[1] == '\n' ? end_of_line : parse_error::bare_cr);
}

parse_status lex_name(cursor& in, field& into) {
  const char* begin = in.at;
  in.at = scan::find<scan::colon_or_below>(in.at, in.end);
  if (in.at == in.end) return parse_status::incomplete;
  into.name = {begin, in.at};
  if (*in.at != ':' || into.name.empty())
    return refuse_byte(in, parse_error::bad_field_name, parse_error::bad_field_name);
  into.id = identify_field(into.name);
  if (into.id == field_id::other && !is_token(into.name))
    return in.fail(parse_error::bad_field_name);
  ++in.at;
  return parse_status::complete;
}

parse_status lex_value(cursor& in, field& into) {
  while (in.at != in.end && is_blank(*in.at))
    ++in.at;
  const char* begin = in.at;
  in.at = scan::find<scan::not_field_text>(in.at, in.end);
  const char* last = in.at;
  while (last != begin && is_blank(last[-1]))
    --last;
  into.value = {begin, last};
  return in.expect_crlf(parse_error::bad_field_value);
}

} // namespace

parse_status cursor::expect_crlf(parse_error otherwise) {
  if (end - at >= 2 && at[0] == '\r' && at[1] == '\n') {
    at += 2;
    return parse_status::complete;
  }
  return at == end ? parse_status::incomplete : refuse_byte(*this, otherwise, otherwise);
}

parse_status lex_fields(cursor& in, std::size_t fields_max, field_list& fields, field_set& seen) {
  for (;;) {
    if (in.at == in.end) return parse_status::incomplete;
    if (*in.at == '\r') return in.expect_crlf(parse_error::bare_cr);
    if (is_blank(*in.at)) return in.fail(parse_error::obs_fold);
    if (fields.size() == fields_max) return in.fail(parse_error::too_many_fields);
    field next;
    if (auto status = lex_name(in, next); status != parse_status::complete) return status;
    if (auto status = lex_value(in, next); status != parse_status::complete) return status;
    seen.add(next.id);
    fields.push_back(next);
  }
}

} // namespace weir::net
