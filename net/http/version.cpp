// The HTTP-version of a start line (RFC 9112 2.3).
#include "net/http/version.hpp"

#include "net/http/char_class.hpp"

#include <string_view>

namespace weir::net {

parse_status lex_version(cursor& in, std::uint8_t& minor_version) {
  constexpr std::string_view usual = "HTTP/1.1", shape = "HTTP/d.d";
  if (std::string_view{in.at, in.end}.starts_with(usual)) {
    minor_version = 1;
    in.at += usual.size();
    return parse_status::complete;
  }
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (in.at + i == in.end) return parse_status::incomplete;
    const bool fits = shape[i] == 'd' ? is_in(in.at[i], char_class::digit) : in.at[i] == shape[i];
    if (fits) continue;
    in.at += i;
    const auto status = in.expect_crlf(parse_error::bad_version);
    return status == parse_status::complete ? in.fail(parse_error::bad_version) : status;
  }
  const char major = in.at[5], minor = in.at[7];
  if (major != '1' || minor > '1') return in.fail(parse_error::unsupported_version);
  minor_version = static_cast<std::uint8_t>(minor - '0');
  in.at += shape.size();
  return parse_status::complete;
}

} // namespace weir::net
