// Percentiles of a latency window against a sorted list.
#include "net/upstream/latency_window.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace weir::net {
namespace {

const steady_time start{1'000s};

/// What `percent` of a hundred do not exceed.
duration exact(std::vector<duration> seen, std::uint32_t percent) {
  std::sort(seen.begin(), seen.end());
  return seen[(seen.size() * percent + 99) / 100 - 1];
}

TEST(latency_window, a_percentile_is_the_sorted_lists_or_an_eighth_more) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    std::lognormal_distribution<double> draw(std::uniform_real_distribution<>(0, 15)(random), 2);
    latency_window window;
    std::vector<duration> seen;
    const auto count = latency_window::enough + random() % 1000;
    for (std::size_t i = 0; i < count; ++i) {
      const auto us = std::min(draw(random), 100e6);
      seen.push_back(std::chrono::microseconds(static_cast<std::int64_t>(us)));
      window.observe(seen.back(), start);
    }
    for (const auto percent : {1u, 50u, 90u, 95u, 99u, 100u}) {
      const auto wanted = exact(seen, percent);
      const auto found = window.percentile(percent);
      ASSERT_TRUE(found);
      EXPECT_GE(*found, wanted) << percent;
      EXPECT_LE(*found, wanted + wanted / 8) << percent;
    }
  }
}

TEST(latency_window, says_nothing_from_few_observations) {
  latency_window window;
  for (std::uint32_t i = 1; i < latency_window::enough; ++i)
    window.observe(1ms, start);
  EXPECT_EQ(window.percentile(95), std::nullopt);
  window.observe(1ms, start);
  EXPECT_TRUE(window.percentile(95));
}

TEST(latency_window, takes_whatever_a_clock_brings) {
  latency_window window;
  for (std::uint32_t i = 0; i < latency_window::enough; ++i) {
    window.observe(-5ms, start);
    window.observe(24h, start);
  }
  EXPECT_EQ(*window.percentile(50), 0ns);
  EXPECT_GT(*window.percentile(51), 2min);
}

TEST(latency_window, forgets_the_half_before_last) {
  latency_window window;
  auto now = start;
  const auto fill = [&](duration took) {
    for (std::uint32_t i = 0; i < latency_window::enough; ++i)
      window.observe(took, now);
    now += latency_window::half;
  };
  fill(1s);
  fill(1ms);
  EXPECT_GE(*window.percentile(95), 1s) << "half of what is remembered";
  fill(1ms);
  EXPECT_LT(*window.percentile(95), 2ms);
}

TEST(latency_window, few_are_kept_for_longer) {
  latency_window window;
  auto now = start;
  for (std::uint32_t i = 0; i < latency_window::enough; ++i)
    window.observe(1ms, now += 1min);
  EXPECT_TRUE(window.percentile(95));
}

} // namespace
} // namespace weir::net
