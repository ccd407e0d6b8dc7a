// socket(7), with the options that every socket of ours has.
#include "net/io/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>

namespace weir::net {

namespace {

error_code last_error() {
  return {errno, boost::system::system_category()};
}

error_code set_option(int fd, int level, int option, int value = 1) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0 ? error_code{} : last_error();
}

/// A peer that vanished without a word is noticed after about two minutes of silence: an answer may
/// be silent for as long as it likes, but not for a machine that is gone.
void probe_silent_peer(int fd) {
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, 60);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

/// Of what was written, the kernel keeps so much that it has not sent yet; its buffer alone would
/// take megabytes for a client that reads slowly, and thousands of those all the memory that TCP
/// has. What a fast client's window takes is not limited: that is sent.
constexpr int unsent_bytes_max = 128 * 1024;

unique_fd open_socket(int family) {
  return unique_fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

error_code prepare_listener(int fd, int family, const listen_options& options) {
  if (family == AF_UNIX) return {};
  if (auto error = set_option(fd, SOL_SOCKET, SO_REUSEADDR)) return error;
  if (options.reuse_port)
    if (auto error = set_option(fd, SOL_SOCKET, SO_REUSEPORT)) return error;
  // Accepted sockets inherit these: no system call for each connection.
  if (auto error = set_option(fd, IPPROTO_TCP, TCP_NODELAY)) return error;
  set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_bytes_max);
  probe_silent_peer(fd);
  if (family == AF_INET6)
    if (auto error = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.dual_stack ? 0 : 1))
      return error;
  return {};
}

/// Removes the socket file of a process that is gone. A path that is no socket is left alone.
bool remove_stale(const socket_address& address) {
  const auto* path = reinterpret_cast<const sockaddr_un*>(address.data())->sun_path;
  struct stat info {};
  if (::lstat(path, &info) != 0 || !S_ISSOCK(info.st_mode)) return false;
  const auto probe = start_connect(address);
  const auto dead = !probe && probe.error() == boost::system::errc::connection_refused;
  return dead && ::unlink(path) == 0;
}

error_code bind_to(int fd, const socket_address& address) {
  if (::bind(fd, address.data(), address.size()) == 0) return {};
  const auto error = last_error();
  if (!address.is_unix() || error.value() != EADDRINUSE || !remove_stale(address)) return error;
  return ::bind(fd, address.data(), address.size()) == 0 ? error_code{} : last_error();
}

} // namespace

result<unique_fd> listen_on(const socket_address& address, const listen_options& options) {
  auto fd = open_socket(address.family());
  if (!fd) return last_error();
  if (auto error = prepare_listener(fd.get(), address.family(), options)) return error;
  if (auto error = bind_to(fd.get(), address)) return error;
  if (::listen(fd.get(), options.backlog) != 0) return last_error();
  return fd;
}

result<unique_fd> listen_on(const config::endpoint_address& endpoint, listen_options options) {
  const bool everywhere = !endpoint.is_unix() && endpoint.host.empty();
  options.dual_stack = options.dual_stack || everywhere;
  auto address = socket_address::from(endpoint);
  if (!address) return address.error();
  auto fd = listen_on(*address, options);
  if (fd || !everywhere || fd.error() != boost::system::errc::address_family_not_supported)
    return fd;
  return listen_on(config::endpoint_address{"0.0.0.0", endpoint.port, {}}, options);
}

result<accepted_socket> accept_from(int listener) {
  for (;;) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    auto* address = reinterpret_cast<sockaddr*>(&peer);
    unique_fd fd(::accept4(listener, address, &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) {
      return accepted_socket{std::move(fd), socket_address::from(address, size)};
    }
    // The first two say that one connection died while it waited: the next may be well.
    if (errno != ECONNABORTED && errno != EPROTO && errno != EINTR) return last_error();
  }
}

result<unique_fd> start_connect(const socket_address& address) {
  auto fd = open_socket(address.family());
  if (!fd) return last_error();
  if (!address.is_unix()) {
    set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY);
    probe_silent_peer(fd.get());
  }
  if (::connect(fd.get(), address.data(), address.size()) != 0 && errno != EINPROGRESS)
    return last_error();
  return fd;
}

bool send_at_once(int fd, std::string_view bytes) {
  return ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

error_code connect_error(int fd) {
  int value = 0;
  socklen_t size = sizeof value;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &value, &size) != 0) return last_error();
  return {value, boost::system::system_category()};
}

result<socket_address> local_address(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  if (::getsockname(fd, address, &size) != 0) return last_error();
  return socket_address::from(address, size);
}

} // namespace weir::net
