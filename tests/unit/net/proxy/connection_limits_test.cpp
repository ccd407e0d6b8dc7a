// Places for clients: in all, and per address or /64.
#include "net/proxy/connection_limits.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

ip_address at(std::string_view text) {
  return *ip_address::parse(text);
}

TEST(connection_limits, an_address_has_its_share_and_gets_it_back) {
  connection_limits limits;
  EXPECT_EQ(limits.admit(at("10.0.0.1"), 10, 2), admission::admitted);
  EXPECT_EQ(limits.admit(at("10.0.0.1"), 10, 2), admission::admitted);
  EXPECT_EQ(limits.admit(at("10.0.0.1"), 10, 2), admission::address_full);
  EXPECT_EQ(limits.admit(at("10.0.0.2"), 10, 2), admission::admitted);
  limits.release(at("10.0.0.1"));
  EXPECT_EQ(limits.admit(at("10.0.0.1"), 10, 2), admission::admitted);
}

TEST(connection_limits, a_full_node_takes_nobody_and_refusals_hold_no_place) {
  connection_limits limits;
  EXPECT_EQ(limits.admit(at("10.0.0.1"), 2, 1), admission::admitted);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(limits.admit(at("10.0.0.1"), 2, 1), admission::address_full);
  EXPECT_EQ(limits.admit(at("10.0.0.2"), 2, 1), admission::admitted);
  EXPECT_EQ(limits.admit(at("10.0.0.3"), 2, 1), admission::node_full);
  EXPECT_EQ(limits.connections(), 2u);
  limits.release(at("10.0.0.1"));
  EXPECT_EQ(limits.admit(at("10.0.0.3"), 2, 1), admission::admitted);
}

TEST(connection_limits, an_ipv6_customer_is_a_64) {
  connection_limits limits;
  EXPECT_EQ(limits.admit(at("2001:db8:0:1::1"), 10, 1), admission::admitted);
  EXPECT_EQ(limits.admit(at("2001:db8:0:1:ffff::2"), 10, 1), admission::address_full);
  EXPECT_EQ(limits.admit(at("2001:db8:0:2::1"), 10, 1), admission::admitted);
}

TEST(connection_limits, neighbours_of_ipv4_do_not_share) {
  connection_limits limits;
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(limits.admit(at("10.0.0." + std::to_string(i)), 100, 1), admission::admitted);
  EXPECT_EQ(limits.connections(), 20u);
}

} // namespace
} // namespace weir::net
