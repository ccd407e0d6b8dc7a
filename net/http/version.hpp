// The HTTP-version of a start line (RFC 9112 2.3).
#pragma once

#include "net/http/field_lexer.hpp"

#include <cstdint>

namespace weir::net {

/// Steps over "HTTP/1.0" or "HTTP/1.1". Another version is unsupported_version, anything else
/// bad_version.
parse_status lex_version(cursor& in, std::uint8_t& minor_version);

} // namespace weir::net
