// Networks and endpoints as plain values. Part of settings.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace weir::config {

/// An IPv4 or IPv6 network. IPv4 is kept as v4-mapped IPv6, its prefix length counted from 96.
struct cidr {
  std::array<std::uint8_t, 16> address{};
  std::uint8_t prefix_bits = 128;
  bool contains(const std::array<std::uint8_t, 16>& ip) const;
  bool operator==(const cidr&) const = default;
};

/// Where something listens or connects: host and port, or a unix socket path.
struct endpoint_address {
  std::string host;       // a name or an address; empty: every address (listeners only)
  std::uint16_t port = 0; // 0 with an empty unix_path: the system picks (tests)
  std::string unix_path;  // not empty: a unix socket
  bool is_unix() const { return !unix_path.empty(); }
  std::string text() const; // "host:port" (IPv6 in brackets) or "unix:/path"
  bool operator==(const endpoint_address&) const = default;
};

} // namespace weir::config
