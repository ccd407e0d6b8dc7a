// A ban as the state store keeps it.
#pragma once

#include "config/settings.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::storage {

struct ban_record {
  config::cidr network;
  std::int64_t since_ms = 0; // Unix time
  std::int64_t until_ms = 0;
  bool automatic = false;
  std::string reason;
  bool operator==(const ban_record&) const = default;
};

/// The network as the end of a key: 16 bytes of address, one of prefix length.
std::string encode_network(const config::cidr& network);
/// The rest as a value: two numbers, a flag, the reason.
std::string encode_ban(const ban_record& record);
/// From both; nullopt when they are not what the two above make.
std::optional<ban_record> decode_ban(std::string_view network, std::string_view value);

} // namespace weir::storage
