// The questions that plain settings answer: what a network contains, how an address reads.
#include "config/settings.hpp"

#include "base/ip_address.hpp"

#include <gtest/gtest.h>

namespace weir::config {
namespace {

std::array<std::uint8_t, 16> bytes(std::string_view text) {
  return ip_address::parse(text).value().bytes();
}

TEST(cidr, contains_what_shares_the_prefix_and_nothing_else) {
  const cidr ten{bytes("10.0.0.0"), 96 + 8};
  EXPECT_TRUE(ten.contains(bytes("10.255.0.1")));
  EXPECT_FALSE(ten.contains(bytes("11.0.0.0")));
  EXPECT_FALSE(ten.contains(bytes("::1")));

  const cidr odd{bytes("203.0.113.96"), 96 + 27};
  EXPECT_TRUE(odd.contains(bytes("203.0.113.127")));
  EXPECT_FALSE(odd.contains(bytes("203.0.113.128")));
  EXPECT_FALSE(odd.contains(bytes("203.0.113.95")));
}

TEST(cidr, the_empty_prefix_contains_everything_and_the_full_one_itself) {
  EXPECT_TRUE((cidr{{}, 0}.contains(bytes("2001:db8::1"))));
  const cidr one{bytes("2001:db8::1"), 128};
  EXPECT_TRUE(one.contains(bytes("2001:db8::1")));
  EXPECT_FALSE(one.contains(bytes("2001:db8::2")));
}

TEST(endpoint_address, reads_as_people_write_it) {
  EXPECT_EQ((endpoint_address{"10.0.0.1", 80, ""}.text()), "10.0.0.1:80");
  EXPECT_EQ((endpoint_address{"::1", 80, ""}.text()), "[::1]:80");
  EXPECT_EQ((endpoint_address{"", 0, "/run/a.sock"}.text()), "unix:/run/a.sock");
}

} // namespace
} // namespace weir::config
