// TCP_INFO's count of acknowledged bytes (RFC 4898, tcpEStatsAppHCThruOctetsAcked).
#include "net/upstream/delivery.hpp"

#include <algorithm>
#include <cstddef>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace weir::net {

namespace {

/// glibc's tcp_info is the kernel's of 2006; the kernel's has grown at its end only, and
/// linux/tcp.h cannot stand beside netinet/tcp.h.
struct tcp_info_4_1 {
  tcp_info known;
  std::uint64_t pacing_rate;
  std::uint64_t max_pacing_rate;
  std::uint64_t bytes_acked;
};
static_assert(offsetof(tcp_info_4_1, bytes_acked) == 120);

} // namespace

std::uint64_t bytes_delivered(int fd, connection_end end, std::uint64_t before,
                              std::uint64_t written) {
  tcp_info_4_1 info{};
  socklen_t size = sizeof(info);
  if (end != connection_end::fin || getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 ||
      size < sizeof(info) || info.known.tcpi_state != TCP_CLOSE)
    return written;
  auto acked = info.bytes_acked > 0 ? info.bytes_acked - 1 : 0; // less our SYN
  return std::min<std::uint64_t>(acked > before ? acked - before : 0, written);
}

} // namespace weir::net
