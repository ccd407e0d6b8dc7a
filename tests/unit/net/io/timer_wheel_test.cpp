// The timer wheel under manual time: never early, at most a tick late, safe to change from a
// target.
#include "net/io/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

namespace weir::net {
namespace {

struct recorder : timer_target {
  int fired = 0;
  std::function<void(timer&)> then;
  void on_timer(timer& which) override {
    ++fired;
    if (then) then(which);
  }
};

class timer_wheel_test : public testing::Test {
protected:
  steady_time now{std::chrono::hours(1)};
  timer_wheel wheel{now};
  recorder target;

  void advance(duration by) { wheel.advance(now += by); }
};

TEST_F(timer_wheel_test, fires_after_the_deadline_and_at_most_a_tick_late) {
  timer one(target);
  one.expires_at(wheel, now + 25ms);
  advance(24ms);
  EXPECT_EQ(target.fired, 0);
  advance(6ms);
  EXPECT_EQ(target.fired, 1);
  EXPECT_FALSE(one.armed());
}

TEST_F(timer_wheel_test, a_deadline_that_has_passed_fires_at_the_next_tick) {
  timer one(target);
  one.expires_at(wheel, now - 1s);
  EXPECT_EQ(target.fired, 0);
  advance(10ms);
  EXPECT_EQ(target.fired, 1);
}

TEST_F(timer_wheel_test, a_deadline_moved_later_does_not_fire_at_the_old_time) {
  timer one(target);
  one.expires_at(wheel, now + 100ms);
  one.expires_at(wheel, now + 300ms);
  advance(200ms);
  EXPECT_EQ(target.fired, 0);
  EXPECT_TRUE(one.armed());
  advance(100ms);
  EXPECT_EQ(target.fired, 1);
}

TEST_F(timer_wheel_test, a_deadline_moved_earlier_fires_at_the_new_time) {
  timer one(target);
  one.expires_at(wheel, now + 1h);
  one.expires_at(wheel, now + 20ms);
  advance(30ms);
  EXPECT_EQ(target.fired, 1);
}

TEST_F(timer_wheel_test, reaches_further_than_its_slots) {
  timer one(target);
  one.expires_at(wheel, now + 2h);
  for (int i = 0; i < 119; ++i)
    advance(1min);
  EXPECT_EQ(target.fired, 0);
  advance(1min);
  EXPECT_EQ(target.fired, 1);
}

TEST_F(timer_wheel_test, a_long_sleep_fires_everything_that_came_due_once) {
  timer near(target);
  timer far(target);
  near.expires_at(wheel, now + 1s);
  far.expires_at(wheel, now + 3h);
  advance(4h);
  EXPECT_EQ(target.fired, 2);
  advance(4h);
  EXPECT_EQ(target.fired, 2);
}

TEST_F(timer_wheel_test, what_a_target_arms_waits_for_the_next_call) {
  timer periodic(target);
  target.then = [&](timer& which) { which.expires_at(wheel, now - 1s); };
  periodic.expires_at(wheel, now + 10ms);
  advance(1s);
  EXPECT_EQ(target.fired, 1);
  advance(10ms);
  EXPECT_EQ(target.fired, 2);
}

TEST_F(timer_wheel_test, a_target_may_destroy_the_timers_that_are_due_with_it) {
  auto first = std::make_unique<timer>(target);
  auto second = std::make_unique<timer>(target);
  first->expires_at(wheel, now + 10ms);
  second->expires_at(wheel, now + 10ms);
  target.then = [&](timer&) {
    first.reset();
    second.reset();
  };
  advance(20ms);
  EXPECT_EQ(target.fired, 1);
}

TEST_F(timer_wheel_test, a_target_that_throws_costs_the_others_one_tick) {
  timer first(target);
  timer second(target);
  first.expires_at(wheel, now + 10ms);
  second.expires_at(wheel, now + 10ms);
  target.then = [](timer&) { throw std::runtime_error("planted"); };
  EXPECT_THROW(advance(20ms), std::runtime_error);
  target.then = nullptr;
  advance(10ms);
  EXPECT_EQ(target.fired, 2);
}

TEST_F(timer_wheel_test, says_when_to_look_again) {
  EXPECT_FALSE(wheel.next_deadline());
  timer one(target);
  one.expires_at(wheel, now + 95ms);
  EXPECT_EQ(wheel.next_deadline(), now + 100ms);
  one.cancel();
  advance(100ms);
  EXPECT_FALSE(wheel.next_deadline());
}

TEST(timer_wheel, disarms_the_timers_that_outlive_it) {
  recorder target;
  timer one(target);
  {
    timer_wheel wheel(steady_time{});
    one.expires_at(wheel, steady_time{} + 1s);
  }
  EXPECT_FALSE(one.armed());
}

} // namespace
} // namespace weir::net
