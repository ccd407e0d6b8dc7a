// The name a TLS client asks for, read from its ClientHello before anything else is decided (RFC
// 6066 3).
#pragma once

#include <optional>
#include <string_view>

namespace weir::net {

/// The host in the data of a server_name extension, as sent. Nothing: malformed, or another list
/// than of exactly one host name, as OpenSSL demands when it comes to it.
std::optional<std::string_view> parse_server_name(std::string_view extension);

} // namespace weir::net
