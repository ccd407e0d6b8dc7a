// When a shard turns requests away, and when it stops doing so.
#include "net/proxy/overload.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using namespace std::chrono_literals;

class overload_test : public testing::Test {
protected:
  load_readings calm{.lag = 0ms,
                     .descriptors = 10,
                     .descriptors_max = 1000,
                     .memory_bytes = 10,
                     .memory_bytes_max = 1000};
  overload_reason after(const load_readings& now, duration later = 250ms) {
    return machine.update(now, when += later);
  }
  overload machine;
  steady_time when = steady_time{} + 1h;
};

TEST_F(overload_test, descriptors_and_memory_begin_high_and_end_lower) {
  auto now = calm;
  now.descriptors = 899;
  EXPECT_EQ(after(now), overload_reason::none);
  now.descriptors = 900;
  EXPECT_EQ(after(now), overload_reason::descriptors);
  now.descriptors = 850; // between the two: as it was
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(after(now), overload_reason::descriptors);
  now.descriptors = 799;
  EXPECT_EQ(after(now), overload_reason::descriptors);
  EXPECT_EQ(after(now, 1s), overload_reason::none);
  now.memory_bytes = 900;
  EXPECT_EQ(after(now), overload_reason::memory);
  EXPECT_EQ(after(calm), overload_reason::memory);
  EXPECT_EQ(after(calm, 1s), overload_reason::none);
}

TEST_F(overload_test, one_long_round_is_no_overload_but_several_are) {
  auto late = calm;
  late.lag = 5s;
  EXPECT_EQ(after(late), overload_reason::none);
  EXPECT_EQ(after(calm), overload_reason::none);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(after(late), overload_reason::none);
  EXPECT_EQ(after(late), overload_reason::loop_lag);
}

TEST_F(overload_test, calm_must_last) {
  auto late = calm;
  late.lag = 1s;
  for (int i = 0; i < 4; ++i)
    after(late);
  EXPECT_EQ(after(calm), overload_reason::loop_lag);
  EXPECT_EQ(after(calm, 900ms), overload_reason::loop_lag);
  late.lag = 200ms; // not calm enough: it counts anew
  EXPECT_EQ(after(late), overload_reason::loop_lag);
  EXPECT_EQ(after(calm), overload_reason::loop_lag);
  EXPECT_EQ(after(calm, 999ms), overload_reason::loop_lag);
  EXPECT_EQ(after(calm, 1ms), overload_reason::none);
}

TEST_F(overload_test, unknown_limits_are_never_reached) {
  auto now = calm;
  now.descriptors_max = now.memory_bytes_max = 0;
  now.descriptors = now.memory_bytes = 1'000'000;
  EXPECT_EQ(after(now), overload_reason::none);
}

} // namespace
} // namespace weir::net
