// Whom a majority heard of late, by the clock of the one who asks.
#include "cluster/authority_lease.hpp"

#include "tests/support/sample_roster.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;
using test::numbered;
using test::sample_roster;
using enum standing;

namespace {

const steady_time start = steady_time{} + 1h;

authority_lease lease_of(const roster& members) {
  authority_lease out(numbered(1));
  out.members(members);
  return out;
}

} // namespace

TEST(authority_lease, alone_is_a_majority_for_ever) {
  const auto lease = lease_of(sample_roster(1, {up}));
  EXPECT_FALSE(lease.at(start).isolated());
  EXPECT_FALSE(lease.at(start + 24h).isolated());
  EXPECT_EQ(lease.at(start).until, steady_time::max());
}

TEST(authority_lease, lasts_three_seconds_from_what_the_majority_has_seen) {
  auto lease = lease_of(sample_roster(1, {up, up, up}));
  EXPECT_EQ(lease.at(start).why, isolation::no_majority);
  lease.acknowledged(numbered(2), start, 1, start + 2s); // it was long under way
  EXPECT_FALSE(lease.at(start + 2999ms).isolated());
  EXPECT_EQ(lease.at(start + 2s).until, start + 3s);
  EXPECT_EQ(lease.at(start + 3s).why, isolation::no_majority);
  lease.acknowledged(numbered(3), start + 1s, 1, start + 3s);
  EXPECT_FALSE(lease.at(start + 3s).isolated());
  lease.acknowledged(numbered(3), start, 1, start + 4s);
  EXPECT_FALSE(lease.at(start + 3900ms).isolated()) << "an older word takes nothing back";
  EXPECT_EQ(lease.at(start + 4s).reached, 1u);
}

TEST(authority_lease, of_four_members_three_are_needed_and_of_two_both) {
  auto four = lease_of(sample_roster(1, {up, up, up, up}));
  four.acknowledged(numbered(2), start, 1, start);
  EXPECT_TRUE(four.at(start).isolated());
  four.acknowledged(numbered(3), start, 1, start);
  EXPECT_FALSE(four.at(start).isolated());
  EXPECT_TRUE(lease_of(sample_roster(1, {up, up})).at(start).isolated());
}

TEST(authority_lease, the_dead_count_until_they_are_forgotten) {
  auto lease = lease_of(sample_roster(4, {up, up, down, down}));
  lease.acknowledged(numbered(2), start, 4, start);
  EXPECT_TRUE(lease.at(start).isolated());
  lease.members(sample_roster(5, {up, up, down}));
  EXPECT_FALSE(lease.at(start).isolated());
}

TEST(authority_lease, those_who_join_left_or_are_strangers_do_not_count) {
  auto lease = lease_of(sample_roster(4, {up, up, up, joining, left, revoked}));
  for (const auto n : std::initializer_list<std::uint8_t>{4, 5, 6, 77})
    lease.acknowledged(numbered(n), start, 4, start);
  EXPECT_EQ(lease.at(start).needed, 2u);
  EXPECT_EQ(lease.at(start).reached, 1u);
}

TEST(authority_lease, who_is_not_up_itself_is_fenced_whomever_it_reaches) {
  for (const auto own : {joining, down, left, revoked}) {
    auto lease = lease_of(sample_roster(4, {own, up, up}));
    lease.acknowledged(numbered(2), start, 4, start);
    lease.acknowledged(numbered(3), start, 4, start);
    EXPECT_EQ(lease.at(start).why, isolation::not_counted) << to_string(own);
  }
  auto leaver = lease_of(sample_roster(4, {leaving, up, up}));
  leaver.acknowledged(numbered(2), start, 4, start);
  EXPECT_FALSE(leaver.at(start).isolated());
}

TEST(authority_lease, a_list_that_stays_behind_ends_it) {
  auto lease = lease_of(sample_roster(4, {up, up, up}));
  lease.acknowledged(numbered(2), start, 5, start);
  EXPECT_FALSE(lease.at(start).isolated()) << "a list takes its time";
  lease.acknowledged(numbered(2), start + 3s, 4, start + 3s);
  EXPECT_EQ(lease.at(start + 3s).why, isolation::list_behind);
  lease.members(sample_roster(5, {up, up, up}));
  EXPECT_FALSE(lease.at(start + 3s).isolated());
}

TEST(authority_lease, an_older_list_changes_nothing) {
  auto lease = lease_of(sample_roster(4, {up, up, up}));
  lease.members(sample_roster(3, {up}));
  EXPECT_EQ(lease.at(start).needed, 2u);
}
