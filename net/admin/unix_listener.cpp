// Binding first, the mode next, listening last: until then a connect is refused.
#include "net/admin/unix_listener.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace weir::net {
namespace {

error_code last_error() {
  return {errno, boost::system::system_category()};
}

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

unique_fd fresh_socket() {
  return unique_fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
}

/// Removes a socket file that refuses connections. Anything else that lies there stays.
error_code remove_stale(const sockaddr_un& address) {
  struct stat about {};
  if (::lstat(address.sun_path, &about) != 0) return errno == ENOENT ? error_code{} : last_error();
  if (!S_ISSOCK(about.st_mode)) return make_error_code(boost::system::errc::file_exists);
  auto probe = fresh_socket();
  if (::connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN)
    return make_error_code(boost::system::errc::address_in_use);
  if (errno != ECONNREFUSED) return last_error();
  return ::unlink(address.sun_path) == 0 ? error_code{} : last_error();
}

} // namespace

result<unique_fd> listen_unix(const std::string& path, mode_t mode) {
  const auto address = address_of(path);
  if (!address) return make_error_code(boost::system::errc::filename_too_long);
  if (auto failed = remove_stale(*address)) return failed;
  auto socket = fresh_socket();
  if (!socket) return last_error();
  if (::bind(socket.get(), generic(*address), sizeof *address) != 0) return last_error();
  if (::chmod(path.c_str(), mode) != 0) return last_error();
  if (::listen(socket.get(), SOMAXCONN) != 0) return last_error();
  return socket;
}

} // namespace weir::net
