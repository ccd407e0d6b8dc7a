// The kernel's word on what an origin received before it closed, over loopback.
#include "net/upstream/delivery.hpp"

#include <arpa/inet.h>
#include <array>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::net {
namespace {

/// A connected pair of TCP sockets on loopback, five bytes said on it already.
class delivery : public testing::Test {
protected:
  void SetUp() override {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    ASSERT_EQ(listen(listener, 1), 0);
    ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
    client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(connect(client, reinterpret_cast<sockaddr*>(&address), size), 0);
    origin = accept(listener, nullptr, nullptr);
    close(listener);
    send_all(client, "first");
    receive(origin);
    send_all(origin, "answer"); // acknowledges "first"
    receive(client);
  }
  void TearDown() override {
    close(client);
    if (origin >= 0) close(origin);
  }

  static void send_all(int fd, std::string_view text) {
    ASSERT_EQ(send(fd, text.data(), text.size(), MSG_NOSIGNAL), static_cast<ssize_t>(text.size()));
  }
  static ssize_t receive(int fd) {
    std::array<char, 64> into{};
    return recv(fd, into.data(), into.size(), 0);
  }
  void close_origin() { close(std::exchange(origin, -1)); }

  int client = -1;
  int origin = -1;
};

TEST_F(delivery, nothing_was_delivered_to_an_origin_that_had_closed_before) {
  close_origin();
  send_all(client, "second");
  ASSERT_EQ(receive(client), 0);
  EXPECT_EQ(bytes_delivered(client, connection_end::fin, 5, 6), 0u);
}

TEST_F(delivery, what_the_origin_read_before_it_closed_was_delivered) {
  send_all(client, "second");
  ASSERT_EQ(receive(origin), 6);
  close_origin();
  ASSERT_EQ(receive(client), 0);
  EXPECT_EQ(bytes_delivered(client, connection_end::fin, 5, 6), 6u);
}

TEST_F(delivery, after_a_fin_alone_the_origin_may_read_on) {
  shutdown(origin, SHUT_WR);
  ASSERT_EQ(receive(client), 0);
  send_all(client, "second");
  EXPECT_EQ(bytes_delivered(client, connection_end::fin, 5, 6), 6u);
  EXPECT_EQ(receive(origin), 6);
}

TEST_F(delivery, after_a_reset_everything_may_have_been_delivered) {
  send_all(client, "second");
  std::array<char, 1> one{};
  ASSERT_EQ(recv(origin, one.data(), one.size(), 0), 1);
  close_origin(); // with unread bytes: RST
  ASSERT_EQ(receive(client), -1);
  EXPECT_EQ(bytes_delivered(client, connection_end::error, 5, 6), 6u);
}

TEST(delivery_of_unix_sockets, is_always_assumed) {
  std::array<int, 2> pair{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()), 0);
  close(pair[1]);
  EXPECT_EQ(bytes_delivered(pair[0], connection_end::fin, 0, 3), 3u);
  close(pair[0]);
}

} // namespace
} // namespace weir::net
