// A least rate on average, with pauses, by a clock that the test moves.
#include "net/proxy/rate_floor.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace weir::net {
namespace {

using namespace std::chrono_literals;

const steady_time start = steady_time{} + 100h;

/// When a client that sends `bytes` every `pause` is cut; nothing within an hour: never.
std::optional<duration> cut_after(std::uint64_t rate, std::uint64_t bytes, duration pause) {
  rate_floor floor;
  floor.start(rate, 30s);
  for (auto now = start; now < start + 1h; now += pause) {
    floor.wait(now);
    if (floor.deadline() <= now + pause) return floor.deadline() - start;
    floor.moved(bytes, now + pause);
  }
  return std::nullopt;
}

TEST(rate_floor, a_byte_now_and_then_is_not_progress_enough) {
  const auto cut = cut_after(500, 1, 29s);
  ASSERT_TRUE(cut);
  EXPECT_LT(*cut, 31s);
}

TEST(rate_floor, who_keeps_the_rate_is_never_cut) {
  EXPECT_FALSE(cut_after(500, 500, 1s));
  EXPECT_FALSE(cut_after(500, 5000, 10s));
  EXPECT_FALSE(cut_after(500, 14'500, 29s));
}

TEST(rate_floor, half_the_rate_lasts_twice_the_grace) {
  const auto cut = cut_after(500, 250, 1s);
  ASSERT_TRUE(cut);
  EXPECT_GE(*cut, 58s);
  EXPECT_LE(*cut, 61s);
}

TEST(rate_floor, a_burst_buys_no_more_than_the_grace) {
  rate_floor floor;
  floor.start(500, 30s);
  floor.wait(start);
  floor.moved(std::numeric_limits<std::uint64_t>::max(), start + 1s);
  floor.wait(start + 1s);
  EXPECT_EQ(floor.deadline(), start + 31s);
}

TEST(rate_floor, time_that_is_spent_by_others_does_not_count) {
  rate_floor floor;
  floor.start(500, 30s);
  floor.wait(start);
  floor.rest(start + 10s);
  EXPECT_EQ(floor.deadline(), steady_time::max());
  floor.wait(start + 10min);
  EXPECT_EQ(floor.deadline(), start + 10min + 20s);
}

TEST(rate_floor, no_rate_is_no_floor) {
  rate_floor floor;
  floor.start(0, 30s);
  floor.wait(start);
  floor.moved(1, start + 1h);
  floor.wait(start + 1h);
  EXPECT_EQ(floor.deadline(), steady_time::max());
}

} // namespace
} // namespace weir::net
