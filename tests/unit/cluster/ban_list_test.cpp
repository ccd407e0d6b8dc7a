// Bans that begin, end, are made longer and are removed.
#include "cluster/ban_list.hpp"

#include <gtest/gtest.h>

namespace weir::cluster {
namespace {

const wall_time start{std::chrono::hours(500'000)};

ban of(std::uint8_t last, wall_time until, bool automatic = true) {
  ban out;
  out.network.address[15] = last;
  out.since = start;
  out.until = until;
  out.automatic = automatic;
  out.reason = "why";
  return out;
}

TEST(ban_list, a_ban_ends_when_its_time_is_over) {
  ban_list list(10);
  EXPECT_EQ(list.add(of(1, start + 1h), start), ban_outcome::added);
  EXPECT_EQ(list.add(of(2, start + 2h), start), ban_outcome::added);
  EXPECT_TRUE(list.expire(start + 59min).empty());
  const auto gone = list.expire(start + 1h);
  ASSERT_EQ(gone.size(), 1u);
  EXPECT_EQ(gone[0].network.address[15], 1);
  EXPECT_EQ(list.size(), 1u);
}

TEST(ban_list, an_operator_s_word_stands_until_it_ends) {
  ban_list list(10);
  list.add(of(1, start + 1h, false), start);
  EXPECT_EQ(list.add(of(1, start + 9h, true), start), ban_outcome::unchanged);
  EXPECT_EQ(list.all().at(0).until, start + 1h);
  EXPECT_EQ(list.add(of(1, start + 9h, true), start + 2h), ban_outcome::added);
  EXPECT_EQ(list.add(of(1, start + 3h, false), start + 2h), ban_outcome::added); // also shorter
  EXPECT_EQ(list.all().at(0).until, start + 3h);
}

TEST(ban_list, an_automatic_ban_only_becomes_longer) {
  ban_list list(10);
  list.add(of(1, start + 2h), start);
  EXPECT_EQ(list.add(of(1, start + 1h), start), ban_outcome::unchanged);
  EXPECT_EQ(list.add(of(1, start + 3h), start), ban_outcome::added);
  EXPECT_EQ(list.size(), 1u);
  EXPECT_TRUE(list.expire(start + 2h).empty()); // its old end is forgotten
}

TEST(ban_list, has_a_limit_and_makes_room_of_what_is_over) {
  ban_list list(2);
  list.add(of(1, start + 1h), start);
  list.add(of(2, start + 2h), start);
  EXPECT_EQ(list.add(of(3, start + 2h), start), ban_outcome::full);
  EXPECT_EQ(list.add(of(3, start + 3h), start + 1h), ban_outcome::added);
  EXPECT_EQ(list.size(), 2u);
}

TEST(ban_list, removes_exactly_the_network_that_is_named) {
  ban_list list(10);
  list.add(of(1, start + 1h), start);
  auto wider = of(1, start + 1h);
  wider.network.prefix_bits = 127;
  EXPECT_FALSE(list.remove(wider.network));
  EXPECT_EQ(list.remove(of(1, {}).network), of(1, start + 1h));
  EXPECT_EQ(list.size(), 0u);
  EXPECT_TRUE(list.expire(start + 9h).empty());
}

} // namespace
} // namespace weir::cluster
