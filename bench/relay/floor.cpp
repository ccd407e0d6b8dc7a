// The floor: a relay with four system calls per request that reads no HTTP at all. A yardstick: it
// takes each message to arrive in one read. relay_floor LISTEN_PORT ORIGIN_PORT...
#include "base/unique_fd.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <utility>
#include <vector>

namespace {

struct peer {
  weir::unique_fd fd;
  bool client = false;
  peer* other = nullptr;
};

sockaddr_in loopback(const char* port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<in_port_t>(std::strtoul(port, nullptr, 10)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

void set_option(int fd, int level, int option) {
  const int on = 1;
  ::setsockopt(fd, level, option, &on, sizeof on);
}

class relay {
public:
  relay(const sockaddr_in& listen, std::vector<sockaddr_in> origins)
      : origins_(std::move(origins)), epoll_(::epoll_create1(0)),
        listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    set_option(listener_.get(), SOL_SOCKET, SO_REUSEADDR);
    set_option(listener_.get(), IPPROTO_TCP, TCP_NODELAY);
    if (::bind(listener_.get(), generic(listen), sizeof listen) != 0 ||
        ::listen(listener_.get(), 4096) != 0) {
      std::perror("listen");
      std::exit(1);
    }
    watch(listener_.get(), nullptr, EPOLLIN);
  }

  void run() {
    std::array<epoll_event, 256> events;
    for (;;) {
      const int count = ::epoll_wait(epoll_.get(), events.data(), int(events.size()), -1);
      for (const auto& event : std::span(events).first(count > 0 ? std::size_t(count) : 0)) {
        auto* from = static_cast<peer*>(event.data.ptr);
        from ? pass(*from) : accept_one();
      }
    }
  }

private:
  void watch(int fd, peer* who, std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = who;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event);
  }

  void accept_one() {
    weir::unique_fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK));
    if (!fd) return;
    auto* made = new peer{std::move(fd), true, nullptr};
    watch(made->fd.get(), made, EPOLLIN | EPOLLET);
  }

  peer* lease() {
    if (!idle_.empty()) {
      auto* last = idle_.back();
      idle_.pop_back();
      return last;
    }
    const auto& origin = origins_[next_++ % origins_.size()];
    weir::unique_fd fd(::socket(AF_INET, SOCK_STREAM, 0));
    set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY);
    if (::connect(fd.get(), generic(origin), sizeof origin) != 0) {
      std::perror("connect");
      std::exit(1);
    }
    auto* made = new peer{std::move(fd), false, nullptr};
    watch(made->fd.get(), made, EPOLLIN | EPOLLET);
    return made;
  }

  void pass(peer& from) {
    const auto count = ::recv(from.fd.get(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count < 0) return;
    if (count == 0) return end(from);
    if (from.client && !from.other) {
      from.other = lease();
      from.other->other = &from;
    }
    if (from.other)
      ::send(from.other->fd.get(), buffer_.data(), std::size_t(count), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (!from.client && from.other) {
      from.other->other = nullptr;
      from.other = nullptr;
      idle_.push_back(&from);
    }
  }

  void end(peer& from) {
    from.fd.reset();
    if (from.other) from.other->other = nullptr;
    if (from.client) delete &from;
  }

  std::vector<sockaddr_in> origins_;
  weir::unique_fd epoll_;
  weir::unique_fd listener_;
  std::vector<peer*> idle_;
  std::size_t next_ = 0;
  std::array<char, 65536> buffer_;
};

} // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  std::vector<sockaddr_in> origins;
  for (int i = 2; i < argc; ++i)
    origins.push_back(loopback(argv[i]));
  relay(loopback(argv[1]), std::move(origins)).run();
}
