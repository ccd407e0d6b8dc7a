// Where a socket is bound or connected: an IP address and port, or a unix path, as a value.
#pragma once

#include "base/ip_address.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>

namespace weir::net {

/// A socket address that the kernel takes as it is. Never resolves a name.
class socket_address {
public:
  socket_address() = default; // unspecified: not bound, an unnamed unix peer

  /// From a host that is a numeric address or empty (every address: "::"), or a unix path.
  /// Errors: invalid_argument for a name, filename_too_long for a path that does not fit.
  static result<socket_address> from(const config::endpoint_address& endpoint);
  static socket_address from(const ip_address& ip, std::uint16_t port);
  /// From what accept(2), getsockname(2) or getaddrinfo(3) filled in.
  static socket_address from(const sockaddr* address, socklen_t size);

  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }
  int family() const { return storage_.ss_family; }
  bool is_unix() const { return family() == AF_UNIX; }
  /// 0 when there is none.
  std::uint16_t port() const;
  /// Nothing for a unix socket.
  std::optional<ip_address> ip() const;
  /// "10.0.0.1:80", "[2001:db8::1]:80", "unix:/path".
  std::string text() const;

private:
  sockaddr_storage storage_{};
  socklen_t size_ = 0;
};

} // namespace weir::net
