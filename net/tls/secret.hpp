// A node's secret: random bytes on disk that all nodes of a cluster share, and codes made with it.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace weir::net {

/// HMAC-SHA-256 of `text` under `secret`, the first `bytes` (at most 32) in small hex digits.
std::string mac_hex(std::string_view secret, std::string_view text, std::size_t bytes);

/// The secret in the file `path`; made now, with mode 0600, if there is none. Errors:
/// pki_errc::unreadable if it is there but is no secret, unwritable. One process at a time.
result<std::string> open_secret(const std::string& path);
/// The secret in the file `path`; pki_errc::unreadable if there is none.
result<std::string> read_secret(const std::string& path);

} // namespace weir::net
