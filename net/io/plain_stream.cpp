// recv(2), sendmsg(2), sendfile(2).
#include "net/io/plain_stream.hpp"

#include <sys/sendfile.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace weir::net {

namespace {

template <class F>
ssize_t retry_interrupted(F call) {
  for (;;) {
    const ssize_t count = call();
    if (count >= 0 || errno != EINTR) return count;
  }
}

io_result failed() {
  if (errno == EAGAIN || errno == EWOULDBLOCK) return {io_status::again, 0, 0};
  return {io_status::error, 0, errno};
}

} // namespace

io_result plain_stream::read(std::span<char> into) {
  if (into.empty()) return {};
  const auto count =
      retry_interrupted([&] { return ::recv(fd_.get(), into.data(), into.size(), 0); });
  drained_ = count < 0 || static_cast<std::size_t>(count) < into.size();
  if (count < 0) return failed();
  if (count == 0) return {io_status::eof, 0, 0};
  return {io_status::ok, static_cast<std::size_t>(count), 0};
}

io_result plain_stream::write(std::span<const iovec> from) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(from.data());
  message.msg_iovlen = std::min<std::size_t>(from.size(), IOV_MAX);
  const auto count =
      retry_interrupted([&] { return ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL); });
  if (count < 0) return failed();
  return {io_status::ok, static_cast<std::size_t>(count), 0};
}

io_result plain_stream::send_file(int file, off_t& offset, std::size_t count) {
  if (count == 0) return {};
  const auto sent = retry_interrupted([&] { return ::sendfile(fd_.get(), file, &offset, count); });
  if (sent < 0) return failed();
  // The file became shorter than it was said to be: the message cannot be finished.
  if (sent == 0) return {io_status::error, 0, EIO};
  return {io_status::ok, static_cast<std::size_t>(sent), 0};
}

void plain_stream::shutdown_write() {
  ::shutdown(fd_.get(), SHUT_WR);
}

} // namespace weir::net
