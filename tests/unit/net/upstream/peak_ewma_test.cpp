// The moving average of latencies: peaks at once, better times gradually, errors never cheap.
#include "net/upstream/peak_ewma.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

const steady_time start{1'000s};

TEST(peak_ewma, a_peak_counts_at_once_and_better_times_gradually) {
  auto known = after_answer({}, 10ms, start);
  EXPECT_EQ(known.cost_us, 10'000u);
  known = after_answer(known, 100ms, start + 1s);
  EXPECT_EQ(known.cost_us, 100'000u);
  known = after_answer(known, 10ms, start + 2s);
  EXPECT_NEAR(known.cost_us, 91'400, 200); // e^(-1/10) of the peak is left
  for (int i = 0; i < 60; ++i)
    known = after_answer(known, 10ms, start + 3s + i * 1s);
  EXPECT_LT(known.cost_us, 10'500u);
}

TEST(peak_ewma, sinks_while_nobody_asks) {
  const auto known = after_answer({}, 100ms, start);
  EXPECT_NEAR(cost_at(known, start + 10s), 36'788, 10);
  EXPECT_LT(cost_at(known, start + 200s), 1);
  EXPECT_EQ(cost_at(known, start - 1s), 100'000) << "another shard's clock may be ahead";
  EXPECT_EQ(cost_at({}, start), 0);
}

TEST(peak_ewma, an_error_is_dearer_than_anything_known) {
  EXPECT_EQ(after_error({}, 1ms, start).cost_us, 1'000'000u);
  EXPECT_EQ(after_error(after_answer({}, 3s, start), 1ms, start).cost_us, 6'000'000u);
  EXPECT_EQ(after_error(after_answer({}, 50s, start), 1ms, start).cost_us, 60'000'000u);
}

} // namespace
} // namespace weir::net
