// The restart policy: grows to a cap, forgives a stable run, gives up when told to.
#include "base/backoff.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

const steady_time start{};

TEST(backoff, doubles_up_to_the_cap) {
  random_source random(1);
  backoff policy({.first = 100ms, .most = 500ms, .jitter = 0});
  const auto fail = [&] { return policy.failed(start, start + 1s, random); };
  EXPECT_EQ(fail(), 100ms);
  EXPECT_EQ(fail(), 200ms);
  EXPECT_EQ(fail(), 400ms);
  EXPECT_EQ(fail(), 500ms);
  for (int i = 0; i < 5000; ++i)
    ASSERT_EQ(fail(), 500ms) << "no overflow however long it fails";
}

TEST(backoff, a_stable_run_forgives_what_was_before) {
  random_source random(1);
  backoff policy({.first = 100ms, .jitter = 0, .stable = 60s});
  policy.failed(start, start + 1s, random);
  policy.failed(start, start + 1s, random);
  EXPECT_EQ(policy.failed(start, start + 60s, random), 100ms);
  EXPECT_EQ(policy.failures(), 1u);
}

TEST(backoff, gives_up_after_so_many_in_a_row) {
  random_source random(1);
  backoff policy({.failures_max = 2});
  EXPECT_TRUE(policy.failed(start, start, random));
  EXPECT_TRUE(policy.failed(start, start, random));
  EXPECT_FALSE(policy.failed(start, start, random));
}

TEST(backoff, jitter_stays_in_its_bounds_and_differs) {
  random_source random(7);
  backoff policy({.first = 1s, .most = 1s, .jitter = 0.2});
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const auto wait = *policy.failed(start, start, random);
    ASSERT_GE(wait, 800ms);
    ASSERT_LE(wait, 1200ms);
    differs = differs || wait != duration(1s);
  }
  EXPECT_TRUE(differs);
}

} // namespace
} // namespace weir
