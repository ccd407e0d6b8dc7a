// Listening, connecting and addresses over loopback and unix sockets.
#include "net/io/socket.hpp"

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace weir::net {
namespace {

using config::endpoint_address;
namespace errc = boost::system::errc;

socket_address address(const std::string& host, std::uint16_t port = 0) {
  return socket_address::from(endpoint_address{host, port, {}}).value();
}

accepted_socket accept_soon(int listener) {
  pollfd waiting{listener, POLLIN, 0};
  EXPECT_EQ(::poll(&waiting, 1, 5000), 1);
  return std::move(accept_from(listener).value());
}

class unix_folder : public testing::Test {
protected:
  unix_folder() {
    std::string name = testing::TempDir() + "weirXXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~unix_folder() override { std::filesystem::remove_all(folder_); }
  endpoint_address path(const std::string& name) const { return {{}, 0, folder_ / name}; }
  std::filesystem::path folder_;
};

TEST(socket_address, speaks_ipv4_ipv6_and_unix) {
  EXPECT_EQ(address("127.0.0.1", 80).text(), "127.0.0.1:80");
  EXPECT_EQ(address("::1", 443).text(), "[::1]:443");
  EXPECT_EQ(address("", 8080).text(), "[::]:8080");
  EXPECT_EQ(address("::ffff:10.0.0.1", 80).family(), AF_INET);
  EXPECT_EQ(address("10.0.0.1").ip(), ip_address::v4(10, 0, 0, 1));
  const auto named = socket_address::from(endpoint_address{{}, 0, "/run/x.sock"}).value();
  EXPECT_EQ(named.text(), "unix:/run/x.sock");
  EXPECT_FALSE(named.ip());
  EXPECT_EQ(socket_address{}.port(), 0);
}

TEST(socket_address, refuses_names_and_paths_that_do_not_fit) {
  EXPECT_EQ(socket_address::from(endpoint_address{"localhost", 80, {}}).error(),
            errc::invalid_argument);
  EXPECT_EQ(socket_address::from(endpoint_address{{}, 0, std::string(200, 'x')}).error(),
            errc::filename_too_long);
}

TEST(socket, connects_to_a_listener_and_learns_the_peer) {
  const auto listener = listen_on(address("127.0.0.1")).value();
  const auto bound = local_address(listener.get()).value();
  ASSERT_NE(bound.port(), 0);
  const auto client = start_connect(bound).value();
  const auto server = accept_soon(listener.get());
  EXPECT_FALSE(connect_error(client.get()));
  EXPECT_EQ(server.peer.text(), local_address(client.get()).value().text());
  int no_delay = 0;
  socklen_t size = sizeof no_delay;
  ::getsockopt(server.fd.get(), IPPROTO_TCP, TCP_NODELAY, &no_delay, &size);
  EXPECT_NE(no_delay, 0);
  int unsent_max = 0;
  ::getsockopt(server.fd.get(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, &unsent_max, &size);
  EXPECT_EQ(unsent_max, 128 * 1024) << "a slow reader's share of the kernel's memory";
  EXPECT_EQ(accept_from(listener.get()).error(), errc::operation_would_block);
}

TEST(socket, several_shards_listen_on_one_port_unless_told_not_to) {
  const auto first = listen_on(address("127.0.0.1")).value();
  const auto bound = local_address(first.get()).value();
  EXPECT_TRUE(listen_on(bound));
  EXPECT_EQ(listen_on(bound, {.reuse_port = false}).error(), errc::address_in_use);
}

TEST(socket, an_empty_host_takes_ipv4_clients) {
  const auto listener = listen_on(endpoint_address{}).value();
  const auto port = local_address(listener.get()).value().port();
  const auto client = start_connect(address("127.0.0.1", port)).value();
  EXPECT_EQ(accept_soon(listener.get()).peer.ip(), ip_address::v4(127, 0, 0, 1));
}

TEST(socket, a_refused_connect_is_told_by_connect_error) {
  auto listener = listen_on(address("127.0.0.1")).value();
  const auto bound = local_address(listener.get()).value();
  listener.reset();
  const auto client = start_connect(bound).value();
  pollfd waiting{client.get(), POLLOUT, 0};
  ASSERT_EQ(::poll(&waiting, 1, 5000), 1);
  EXPECT_EQ(connect_error(client.get()), errc::connection_refused);
}

TEST_F(unix_folder, a_stale_socket_is_replaced_and_a_served_one_is_not) {
  auto listener = listen_on(path("a")).value();
  EXPECT_EQ(listen_on(path("a")).error(), errc::address_in_use);
  EXPECT_TRUE(start_connect(socket_address::from(path("a")).value()));
  listener.reset();
  EXPECT_EQ(start_connect(socket_address::from(path("a")).value()).error(),
            errc::connection_refused);
  EXPECT_TRUE(listen_on(path("a")));
}

TEST_F(unix_folder, a_file_that_is_no_socket_is_left_alone) {
  std::filesystem::create_directory(folder_ / "data");
  EXPECT_EQ(listen_on(path("data")).error(), errc::address_in_use);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "data"));
}

} // namespace
} // namespace weir::net
