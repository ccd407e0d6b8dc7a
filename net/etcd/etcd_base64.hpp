// Base64 as etcd's JSON carries bytes (RFC 4648 4, padded).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weir::net::etcd {

std::string encode_base64(std::string_view bytes);
/// Strict: the standard alphabet, padded, nothing else. Nothing when it is anything else.
std::optional<std::string> decode_base64(std::string_view text);

} // namespace weir::net::etcd
