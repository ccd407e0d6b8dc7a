// The manual clock stands still until it is moved; digests are stable.
#include "base/hash.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(manual_clock, moves_only_when_told) {
  test::manual_clock clock;
  const auto steady = clock.steady();
  const auto wall = clock.wall();
  EXPECT_EQ(clock.steady(), steady);
  clock.advance(250ms);
  EXPECT_EQ(clock.steady() - steady, 250ms);
  EXPECT_EQ(clock.wall() - wall, 250ms);
}

TEST(system_clock, never_goes_back) {
  const auto first = system_clock().steady();
  EXPECT_GE(system_clock().steady(), first);
}

TEST(hash, fnv1a_matches_its_published_vectors) {
  EXPECT_EQ(fnv1a64(""), 0xcbf29ce484222325u);
  EXPECT_EQ(fnv1a64("a"), 0xaf63dc4c8601ec8cu);
  EXPECT_EQ(fnv1a64("foobar"), 0x85944171f73967e8u);
}

TEST(hash, a_prefix_is_the_leading_hex_digits) {
  EXPECT_EQ(hex_prefix(0x85944171f73967e8u, 6), "859441");
  EXPECT_EQ(hex_prefix(1, 16), "0000000000000001");
  EXPECT_EQ(hex_prefix(1, 99).size(), 16u);
}

} // namespace
} // namespace weir
