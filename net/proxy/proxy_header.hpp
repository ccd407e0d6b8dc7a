// The PROXY protocol's header, versions 1 and 2: who is at the other end of what a load balancer
// passed on (haproxy.org, proxy-protocol.txt).
#pragma once

#include "base/ip_address.hpp"
#include "net/http/parser.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weir::net {

/// More than this is no header: nginx's figure. A header without TLVs has at most 232 bytes.
inline constexpr std::size_t proxy_header_bytes_max = 4096;
/// What ours have at most.
inline constexpr std::size_t own_proxy_header_bytes_max = 107;

enum class proxy_version : std::uint8_t { v1 = 1, v2 = 2 };

/// A connection as the header tells it.
struct proxy_endpoints {
  ip_address source;
  ip_address destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  bool operator==(const proxy_endpoints&) const = default;
};

struct proxy_header {
  parse_status status = parse_status::incomplete;
  std::size_t bytes = 0; // of the header, when complete
  /// None: the balancer speaks for itself (LOCAL), or the client has no IP address (UNKNOWN, unix
  /// sockets, datagrams). Then the connection's own addresses count.
  std::optional<proxy_endpoints> endpoints;
};

/// Reads the header at the beginning of `in`, strictly. TLVs are passed over unread. `failed` as
/// soon as no further byte could make it a header, or one within the limit.
proxy_header parse_proxy_header(std::string_view in);

/// Writes a header; without endpoints one that speaks for ourselves. Returns its size. REQUIRES:
/// own_proxy_header_bytes_max bytes of room.
std::size_t write_proxy_header(std::span<char> out, proxy_version version,
                               const std::optional<proxy_endpoints>& of);

} // namespace weir::net
