// Whether any byte of a request can have reached the origin, from what the kernel knows of the
// connection.
#pragma once

#include <cstdint>

namespace weir::net {

/// How a connection came to its end, as the socket told it.
enum class connection_end : std::uint8_t {
  fin,   // read returned 0
  error, // anything else: ECONNRESET, EPIPE, a time-out
};

/// How many of the `written` bytes of the connection's last request may have reached the other
/// side; `before` is what had been written on the connection before that request (TLS records and
/// handshake included). Call it when the connection has ended, before the descriptor is closed. A
/// FIN acknowledges all that its sender's kernel had received, and the RST that answers what came
/// later says that nobody read that: after both TCP_INFO gives the exact number. After a FIN alone
/// the other side may read on; a RST alone acknowledges nothing, and neither does a unix socket:
/// all of `written`.
std::uint64_t bytes_delivered(int fd, connection_end end, std::uint64_t before,
                              std::uint64_t written);

} // namespace weir::net
