// When doubts become a ruling, and when they are taken back.
#include "cluster/down_ruling.hpp"

#include "tests/support/sample_roster.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;
using test::numbered;
using test::sample_roster;
using enum standing;

namespace {

const steady_time start = steady_time{} + 1h;

/// `by` speaks at `at` and has doubted these for that long.
doubt_report report(std::uint8_t by, steady_time at,
                    std::initializer_list<std::pair<std::uint8_t, duration>> doubted) {
  doubt_report out{numbered(by), at, {}};
  for (const auto& [of, lasted] : doubted)
    out.doubted.push_back({numbered(of), at - lasted});
  return out;
}

using ids = std::vector<node_id>;

} // namespace

TEST(down_ruling, takes_five_seconds_and_a_majority) {
  down_ruling rules;
  const auto three = sample_roster(1, {up, up, up});
  EXPECT_EQ(rules.judge(three, {report(1, start, {{3, 5s}})}, start).down, ids{});
  EXPECT_EQ(
      rules.judge(three, {report(1, start, {{3, 5s}}), report(2, start, {{3, 4999ms}})}, start)
          .down,
      ids{});
  EXPECT_EQ(
      rules.judge(three, {report(1, start, {{3, 5s}}), report(2, start, {{3, 6s}})}, start).down,
      ids{numbered(3)});
}

TEST(down_ruling, two_of_five_are_not_enough_and_the_dead_count_too) {
  down_ruling rules;
  std::vector reports{report(1, start, {{5, 9s}}), report(2, start, {{5, 9s}})};
  EXPECT_EQ(rules.judge(sample_roster(1, {up, up, up, up, up}), reports, start).down, ids{});
  EXPECT_EQ(rules.judge(sample_roster(1, {up, up, down, down, up}), reports, start).down, ids{});
  reports.push_back(report(3, start, {{5, 9s}}));
  EXPECT_EQ(rules.judge(sample_roster(1, {up, up, up, up, up}), reports, start).down,
            ids{numbered(5)});
}

TEST(down_ruling, old_words_and_those_of_the_fallen_the_new_and_strangers_do_not_count) {
  down_ruling rules;
  const auto roster = sample_roster(1, {up, up, up, down, joining});
  for (const auto n : std::initializer_list<std::uint8_t>{4, 5, 77})
    EXPECT_EQ(
        rules.judge(roster, {report(1, start, {{3, 9s}}), report(n, start, {{3, 9s}})}, start).down,
        ids{})
        << int(n);
  EXPECT_EQ(rules
                .judge(roster,
                       {report(1, start, {{3, 9s}}), report(2, start - 1s, {{3, 9s}}),
                        report(4, start, {})},
                       start)
                .down,
            ids{});
}

TEST(down_ruling, nobody_is_a_witness_in_his_own_cause) {
  down_ruling rules;
  const auto two = sample_roster(1, {up, up});
  EXPECT_EQ(
      rules.judge(two, {report(1, start, {{2, 9s}}), report(2, start, {{2, 9s}})}, start).down,
      ids{});
}

TEST(down_ruling, rules_once_and_only_on_those_that_can_fall) {
  down_ruling rules;
  const auto gone = sample_roster(1, {up, up, down, left, revoked, joining});
  const auto missed_for = [](duration span) {
    return std::vector{report(1, start, {{3, span}, {4, span}, {5, span}, {6, span}}),
                       report(2, start, {{3, span}, {4, span}, {5, span}, {6, span}})};
  };
  EXPECT_EQ(rules.judge(gone, missed_for(59s), start).down, ids{}) << "a newcomer takes its time";
  EXPECT_EQ(rules.judge(gone, missed_for(60s), start).down, ids{numbered(6)});
}

TEST(down_ruling, lets_back_whom_a_majority_hears_for_five_seconds_without_a_break) {
  down_ruling rules;
  const auto fallen = sample_roster(2, {up, up, down});
  const auto heard = [&](steady_time now) {
    return rules.judge(fallen, {report(1, now, {}), report(2, now, {})}, now).back;
  };
  EXPECT_EQ(heard(start), ids{});
  EXPECT_EQ(heard(start + 4s), ids{});
  rules.judge(fallen, {report(1, start + 4s, {}), report(2, start + 4s, {{3, 0s}})}, start + 4s);
  EXPECT_EQ(heard(start + 5s), ids{}) << "the break began it anew";
  EXPECT_EQ(heard(start + 9s), ids{});
  EXPECT_EQ(heard(start + 10s), ids{numbered(3)});
}

TEST(down_ruling, who_falls_again_soon_waits_twice_as_long_and_five_minutes_at_most) {
  down_ruling rules;
  auto now = start;
  std::uint64_t epoch = 1;
  const auto wait = [&] {
    const auto fallen = sample_roster(++epoch, {up, up, down});
    for (const auto begun = now;; now += 1s)
      if (!rules.judge(fallen, {report(1, now, {}), report(2, now, {})}, now).back.empty()) {
        rules.judge(sample_roster(++epoch, {up, up, up}), {}, now);
        return now - begun;
      }
  };
  EXPECT_EQ(wait(), 5s);
  EXPECT_EQ(wait(), 10s);
  EXPECT_EQ(wait(), 20s);
  for (int i = 0; i < 3; ++i)
    wait();
  EXPECT_EQ(wait(), 5min);
  EXPECT_EQ(wait(), 5min);
  now += 10min;
  EXPECT_EQ(wait(), 5s);
}
