// The timer wheel against a multimap of deadlines: arming, moving, cancelling and time in any
// order.
#include "net/io/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <vector>

namespace weir::net {
namespace {

struct target : timer_target {
  std::vector<std::unique_ptr<timer>> timers;
  std::set<const timer*> fired;
  void on_timer(timer& which) override {
    EXPECT_FALSE(which.armed());
    EXPECT_TRUE(fired.insert(&which).second) << "fired twice";
  }
};

class model {
public:
  explicit model(std::uint64_t seed) : random_(seed) {
    deadlines_.resize(timer_count);
    for (std::size_t i = 0; i < timer_count; ++i)
      target_.timers.push_back(std::make_unique<timer>(target_));
  }

  void step() {
    const auto i = pick(timer_count - 1);
    switch (pick(9)) {
    case 0:
      cancel(i);
      break;
    case 1:
      advance(std::chrono::milliseconds(pick(100'000)));
      break;
    case 2:
    case 3:
      advance(std::chrono::milliseconds(pick(30)));
      break;
    default:
      arm(i, now_ + std::chrono::microseconds(random_() % (1u << pick(27))) - 20ms);
    }
    check_next();
  }

private:
  static constexpr std::size_t timer_count = 40;

  std::size_t pick(std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most)(random_);
  }

  void arm(std::size_t i, steady_time deadline) {
    target_.timers[i]->expires_at(wheel_, deadline);
    deadlines_[i] = std::max(deadline, now_); // the past fires at the next tick
  }

  void cancel(std::size_t i) {
    if (pick(1))
      target_.timers[i] = std::make_unique<timer>(target_);
    else
      target_.timers[i]->cancel();
    deadlines_[i].reset();
  }

  void advance(duration by) {
    now_ += by;
    target_.fired.clear();
    wheel_.advance(now_);
    for (std::size_t i = 0; i < timer_count; ++i)
      check(i);
  }

  void check(std::size_t i) {
    const bool fired = target_.fired.contains(target_.timers[i].get());
    ASSERT_EQ(target_.timers[i]->armed(), deadlines_[i].has_value() && !fired);
    if (fired) {
      ASSERT_TRUE(deadlines_[i]);
      ASSERT_LE(*deadlines_[i], now_) << "early";
      deadlines_[i].reset();
    } else if (deadlines_[i]) {
      const auto late = now_ - *deadlines_[i];
      ASSERT_LT(late, timer_wheel::tick) << "late by " << late.count() << " ns";
    }
  }

  void check_next() {
    const auto next = wheel_.next_deadline();
    for (const auto& deadline : deadlines_)
      if (deadline) {
        ASSERT_TRUE(next);
        ASSERT_LE(*next, *deadline + timer_wheel::tick);
      }
  }

  std::mt19937_64 random_;
  steady_time now_{std::chrono::hours(5)};
  timer_wheel wheel_{now_};
  target target_;
  std::vector<std::optional<steady_time>> deadlines_;
};

TEST(timer_wheel_property, agrees_with_a_list_of_deadlines) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    model m(seed);
    for (int i = 0; i < 500; ++i) {
      m.step();
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

} // namespace
} // namespace weir::net
