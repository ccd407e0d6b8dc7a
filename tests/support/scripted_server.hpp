// A server for tests that takes one connection, reads a request's head, says its lines and closes.
#pragma once

#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

namespace weir::test {

/// Listens on a free loopback port, or on a unix socket when a path is given. One thread; joined at
/// the end.
class scripted_server {
public:
  /// After the answer: close, or keep the connection open and silent until the client closes; or
  /// answer without waiting for a request, and close.
  enum class then { close, hang, talk_first };

  explicit scripted_server(std::string answer, then last = then::close,
                           const std::string& unix_path = {})
      : answer_(std::move(answer)), last_(last),
        listener_(unix_path.empty() ? listen_tcp() : listen_unix(unix_path)),
        thread_([this] { serve(); }) {}
  ~scripted_server() {
    shutdown(listener_, SHUT_RDWR); // ends an accept that nobody came for
    thread_.join();
    close(listener_);
  }
  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  std::uint16_t port() const { return port_; }
  /// What the client sent, once the connection has ended.
  std::string request() {
    if (thread_.joinable()) thread_.join();
    thread_ = std::thread([] {});
    return request_;
  }

private:
  int listen_tcp() {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(fd, 8) != 0)
      std::abort();
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    return fd;
  }
  static int listen_unix(const std::string& path) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 || listen(fd, 8) != 0)
      std::abort();
    return fd;
  }

  void serve() {
    int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    std::array<char, 4096> into{};
    while (last_ != then::talk_first && request_.find("\r\n\r\n") == std::string::npos) {
      auto got = recv(fd, into.data(), into.size(), 0);
      if (got <= 0) break;
      request_.append(into.data(), static_cast<std::size_t>(got));
    }
    (void)!send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    if (last_ == then::hang)
      while (recv(fd, into.data(), into.size(), 0) > 0) {
      }
    close(fd);
  }

  std::string answer_;
  then last_;
  std::uint16_t port_ = 0;
  std::string request_;
  int listener_;
  std::thread thread_;
};

} // namespace weir::test
