// What an Authorization field of the scheme Basic says (RFC 7617 2).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::net {

struct basic_credentials {
  std::string user;
  std::string password;
};

/// Longer ones are refused: no person and no program has them.
inline constexpr std::size_t credentials_bytes_max = 1024;

/// Reads the field's value strictly; nothing: another scheme, no base64 (RFC 4648 4), no colon, a
/// control byte, or too long. The text is taken as it is, in whatever charset.
std::optional<basic_credentials> parse_basic_credentials(std::string_view value);

} // namespace weir::net
