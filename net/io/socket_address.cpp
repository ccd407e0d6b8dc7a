// sockaddr and its members, in one place.
#include "net/io/socket_address.hpp"

#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace weir::net {

namespace {

constexpr std::size_t path_offset = offsetof(sockaddr_un, sun_path);
template <class T>
const T& as(const sockaddr* address) {
  return *reinterpret_cast<const T*>(address);
}

template <class T>
const sockaddr* generic(const T& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

result<socket_address> from_path(const std::string& path) {
  sockaddr_un un{};
  un.sun_family = AF_UNIX;
  if (path.size() >= sizeof un.sun_path)
    return make_error_code(boost::system::errc::filename_too_long);
  std::memcpy(un.sun_path, path.data(), path.size());
  return socket_address::from(generic(un), static_cast<socklen_t>(path_offset + path.size() + 1));
}

} // namespace

result<socket_address> socket_address::from(const config::endpoint_address& endpoint) {
  if (endpoint.is_unix()) return from_path(endpoint.unix_path);
  const auto ip = ip_address::parse(endpoint.host.empty() ? "::" : endpoint.host);
  if (!ip) return make_error_code(boost::system::errc::invalid_argument);
  return from(*ip, endpoint.port);
}

socket_address socket_address::from(const ip_address& ip, std::uint16_t port) {
  const auto& bytes = ip.bytes();
  if (ip.is_v4()) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, bytes.data() + bytes.size() - sizeof v4.sin_addr, sizeof v4.sin_addr);
    return from(generic(v4), sizeof v4);
  }
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
  return from(generic(v6), sizeof v6);
}

socket_address socket_address::from(const sockaddr* address, socklen_t size) {
  socket_address made;
  made.size_ = std::min<socklen_t>(size, sizeof made.storage_);
  std::memcpy(&made.storage_, address, made.size_);
  return made;
}

std::uint16_t socket_address::port() const {
  switch (family()) {
  case AF_INET:
    return ntohs(as<sockaddr_in>(data()).sin_port);
  case AF_INET6:
    return ntohs(as<sockaddr_in6>(data()).sin6_port);
  default:
    return 0;
  }
}

std::optional<ip_address> socket_address::ip() const {
  return ip_address::from_sockaddr(*data());
}

std::string socket_address::text() const {
  if (is_unix()) {
    const auto& un = as<sockaddr_un>(data());
    const auto room = size_ > path_offset ? size_ - path_offset : 0;
    return "unix:" + std::string(un.sun_path, ::strnlen(un.sun_path, room));
  }
  const auto host = ip().value_or(ip_address{}).text();
  const auto bracketed = host.find(':') != std::string::npos ? "[" + host + "]" : host;
  return bracketed + ":" + std::to_string(port());
}

} // namespace weir::net
