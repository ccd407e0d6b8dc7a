// Percent-encoding of text that goes into a target or a Location (RFC 3986 2, 3.3, 3.4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::net {

/// Which bytes may stand as they are; every other becomes "%XX".
enum class uri_bytes : std::uint8_t {
  path,  // decoded text as path: pchar and '/'
  query, // decoded text inside a query's name or value
  raw,   // a URI that is encoded already: only what no URI may contain is replaced
};

void append_encoded(std::string& out, std::string_view text, uri_bytes allowed);

/// The value of a "%XX" at the start of `text`, or -1.
int percent_byte(std::string_view text);

} // namespace weir::net
