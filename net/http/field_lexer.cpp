// Splits the lines of a head or a trailer section into fields (RFC 9112 5), refusing every repair.
#include "net/http/field_lexer.hpp"

#include "net/http/char_class.hpp"
#include "net/http/scan.hpp"

namespace weir::net {

namespace {

parse_status lex_name(cursor& in, field& into) {
  const char* begin = in.at;
  const char* p = scan::find<scan::not_plain_name>(begin, in.end);
  while (p != in.end && is_in(*p, char_class::token))
    ++p;
  in.at = p;
  if (p == in.end) return parse_status::incomplete;
  if (*p != ':' || p == begin)
    return in.refuse_byte(parse_error::bad_field_name, parse_error::bad_field_name);
  into.name = {begin, p};
  into.id = identify_field(into.name);
  ++in.at;
  return parse_status::complete;
}

parse_status lex_value(cursor& in, field& into) {
  const char* begin = in.at;
  while (begin != in.end && is_blank(*begin))
    ++begin;
  in.at = scan::find<scan::not_field_text>(begin, in.end);
  const char* last = in.at;
  while (last != begin && is_blank(last[-1]))
    --last;
  into.value = {begin, last};
  return in.expect_crlf(parse_error::bad_field_value);
}

} // namespace

parse_status cursor::refuse_byte(parse_error visible, parse_error end_of_line) {
  if (at == end) return parse_status::incomplete;
  if (*at == '\n') return fail(parse_error::bare_lf);
  if (*at != '\r') return fail(visible);
  if (end - at < 2) return parse_status::incomplete;
  return fail(at[1] == '\n' ? end_of_line : parse_error::bare_cr);
}

parse_status lex_fields(cursor& in, std::size_t fields_max, field_list& fields, field_set& seen) {
  for (;;) {
    if (in.at == in.end) return parse_status::incomplete;
    if (*in.at == '\r') return in.expect_crlf(parse_error::bare_cr);
    if (is_blank(*in.at)) return in.fail(parse_error::obs_fold);
    if (fields.size() == fields_max) return in.fail(parse_error::too_many_fields);
    field& next = fields.emplace_back();
    if (auto status = lex_name(in, next); status != parse_status::complete) return status;
    if (auto status = lex_value(in, next); status != parse_status::complete) return status;
    seen.add(next.id);
  }
}

} // namespace weir::net
