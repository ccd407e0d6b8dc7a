// How an attempt to get an answer from an origin can fail; shared by retries, ejection, logs and
// metrics.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::net {

enum class failure_kind : std::uint8_t {
  connect,  // no connection: refused, unreachable, connect time-out, TLS handshake
  reset,    // the connection ended before the answer did
  timeout,  // connected, but the first byte or progress did not come in time
  status,   // a complete answer whose status says that the server cannot serve (502, 503, 504)
  protocol, // the answer was not HTTP
};

/// A stable snake_case name for logs and metrics.
std::string_view name_of(failure_kind kind);

/// Whether an answer's status says that the server, not the request, is at fault. A 500 is the
/// application's answer to this one request (a bug in a view must not eject its server); the
/// gateway statuses are the server's.
constexpr bool is_gateway_status(std::uint16_t status) {
  return status == 502 || status == 503 || status == 504;
}

} // namespace weir::net
