// Which addresses a set of bans has.
#include "net/limit/ban_set.hpp"

#include "base/random.hpp"
#include "config/network.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

const steady_time start{1'000s};

config::cidr network(std::string_view text) {
  config::parsed_network out;
  EXPECT_EQ(config::parse_network(text, out), "");
  return out.network;
}

ip_address address(std::string_view text) {
  return ip_address::parse(text).value();
}

TEST(ban_set, has_what_lies_in_a_network) {
  const std::vector<banned_network> list{{network("203.0.113.0/24"), start + 1h},
                                         {network("198.51.100.7"), start + 1h},
                                         {network("2001:db8:1::/48"), start + 1h}};
  const ban_set bans(list);
  EXPECT_TRUE(bans.has(address("203.0.113.255"), start));
  EXPECT_FALSE(bans.has(address("203.0.114.0"), start));
  EXPECT_TRUE(bans.has(address("198.51.100.7"), start));
  EXPECT_FALSE(bans.has(address("198.51.100.8"), start));
  EXPECT_TRUE(bans.has(address("2001:db8:1:ffff::1"), start));
  EXPECT_FALSE(bans.has(address("2001:db8:2::1"), start));
}

TEST(ban_set, forgets_by_itself_what_is_over) {
  const std::vector<banned_network> list{{network("203.0.113.0/24"), start + 10s},
                                         {network("203.0.113.9"), start + 20s}};
  const ban_set bans(list);
  EXPECT_TRUE(bans.has(address("203.0.113.9"), start + 15s));
  EXPECT_FALSE(bans.has(address("203.0.113.8"), start + 10s));
  EXPECT_FALSE(bans.has(address("203.0.113.9"), start + 20s));
}

TEST(ban_set, everything_and_nothing_are_networks_too) {
  const std::vector<banned_network> all{{network("::/0"), start + 1s}};
  EXPECT_TRUE(ban_set(all).has(address("192.0.2.1"), start));
  const std::vector<banned_network> four{{network("0.0.0.0/0"), start + 1s}};
  EXPECT_TRUE(ban_set(four).has(address("192.0.2.1"), start));
  EXPECT_FALSE(ban_set(four).has(address("2001:db8::1"), start));
  EXPECT_FALSE(ban_set({}).has(address("192.0.2.1"), start));
}

/// Against asking each network in turn.
TEST(ban_set, agrees_with_a_walk_over_all_networks) {
  random_source random(11);
  for (int round = 0; round < 50; ++round) {
    std::vector<banned_network> list;
    for (std::uint64_t i = 0; i < random.below(40); ++i) {
      config::cidr one;
      one.prefix_bits = static_cast<std::uint8_t>(random.below(129));
      for (auto& byte : one.address)
        byte = static_cast<std::uint8_t>(random.below(3)); // so that they overlap
      for (std::size_t bit = one.prefix_bits; bit < 128; ++bit)
        one.address[bit / 8] &= static_cast<std::uint8_t>(~(0x80u >> (bit % 8)));
      list.push_back({one, start + std::chrono::seconds(random.below(3))});
    }
    const ban_set bans(list);
    for (int i = 0; i < 200; ++i) {
      ip_address::bytes_type bytes;
      for (auto& byte : bytes)
        byte = static_cast<std::uint8_t>(random.below(3));
      const auto now = start + std::chrono::seconds(random.below(3));
      bool wanted = false;
      for (const auto& one : list)
        wanted = wanted || (one.network.contains(bytes) && one.until > now);
      ASSERT_EQ(bans.has(ip_address(bytes), now), wanted);
    }
  }
}

} // namespace
} // namespace weir::net
