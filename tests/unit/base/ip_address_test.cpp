// One value type for both families: text, sockets, order.
#include "base/ip_address.hpp"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <unordered_set>

namespace weir {
namespace {

TEST(ip_address, reads_back_what_it_prints) {
  for (const auto* text : {"0.0.0.0", "192.0.2.1", "255.255.255.255", "::", "::1", "2001:db8::8:1"})
    EXPECT_EQ(ip_address::parse(text).value().text(), text);
}

TEST(ip_address, an_ipv4_client_is_the_same_over_a_dual_stack_socket) {
  EXPECT_EQ(ip_address::parse("::ffff:192.0.2.1"), ip_address::parse("192.0.2.1"));
  EXPECT_EQ(ip_address::parse("::ffff:192.0.2.1")->text(), "192.0.2.1");
}

TEST(ip_address, sloppy_text_is_refused) {
  using namespace std::string_view_literals;
  for (const auto text : {""sv, "1.2.3"sv, "1.2.3.4.5"sv, "01.2.3.4"sv, "256.1.1.1"sv, "[::1]"sv,
                          "fe80::1%eth0"sv, "1.2.3.4\0x"sv, " 1.2.3.4"sv, ":::"sv,
                          "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000"sv})
    EXPECT_FALSE(ip_address::parse(text)) << text;
}

TEST(ip_address, is_read_from_either_family_of_socket_address) {
  sockaddr_in four{};
  four.sin_family = AF_INET;
  four.sin_addr.s_addr = htonl(0xc0000201);
  EXPECT_EQ(ip_address::from_sockaddr(reinterpret_cast<sockaddr&>(four))->text(), "192.0.2.1");

  sockaddr_in6 six{};
  six.sin6_family = AF_INET6;
  six.sin6_addr = in6addr_loopback;
  EXPECT_EQ(ip_address::from_sockaddr(reinterpret_cast<sockaddr&>(six))->text(), "::1");

  sockaddr local{};
  local.sa_family = AF_UNIX;
  EXPECT_FALSE(ip_address::from_sockaddr(local));
}

TEST(ip_address, knows_loopback_and_unspecified_in_both_families) {
  EXPECT_TRUE(ip_address::parse("127.0.1.2")->is_loopback());
  EXPECT_TRUE(ip_address::parse("::1")->is_loopback());
  EXPECT_FALSE(ip_address::parse("10.0.0.1")->is_loopback());
  EXPECT_FALSE(ip_address::parse("::2")->is_loopback());
  EXPECT_TRUE(ip_address::parse("0.0.0.0")->is_unspecified());
  EXPECT_TRUE(ip_address::parse("::")->is_unspecified());
  EXPECT_FALSE(ip_address::parse("0.0.0.1")->is_unspecified());
}

TEST(ip_address, neighbours_hash_apart) {
  std::unordered_set<std::size_t> hashes;
  for (int i = 0; i < 256; ++i)
    hashes.insert(std::hash<ip_address>{}(ip_address::v4(10, 0, 0, static_cast<std::uint8_t>(i))));
  EXPECT_EQ(hashes.size(), 256u);
}

} // namespace
} // namespace weir
