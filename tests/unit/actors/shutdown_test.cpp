// The ordered end under manual time, and the watchdog.
#include "actors/shutdown.hpp"

#include <gtest/gtest.h>

#include <future>
#include <stdexcept>

namespace weir::actors {
namespace {

struct manual_time : clock_source {
  steady_time now{};
  steady_time steady() const override { return now; }
  wall_time wall() const override { return {}; }
};

class shutdown_test : public testing::Test {
protected:
  std::vector<step_report> run() {
    return sequence.run(time, [this](duration by) { time.now += by; });
  }
  std::function<void()> note(std::string what) {
    return [this, what] { order += what; };
  }
  std::function<bool()> after(duration wait) {
    return [this, wait] { return time.now >= steady_time{} + wait; };
  }

  manual_time time;
  shutdown_sequence sequence{10s};
  std::string order;
};

TEST_F(shutdown_test, steps_follow_each_other_when_done) {
  sequence.add({"listeners", 1s, note("l")});
  sequence.add({"drain", 5s, note("d"), after(2s)});
  sequence.add({"shards", 1s, note("s")});
  const auto reports = run();
  EXPECT_EQ(order, "lds");
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_TRUE(reports[1].in_time);
  EXPECT_GE(reports[1].took, 2s);
  EXPECT_LT(reports[1].took, 2100ms);
}

TEST_F(shutdown_test, a_late_step_gives_way_at_its_limit) {
  sequence.add({"drain", 5s, note("d"), [] { return false; }});
  sequence.add({"shards", 1s, note("s")});
  const auto reports = run();
  EXPECT_EQ(order, "ds");
  EXPECT_FALSE(reports[0].in_time);
  EXPECT_EQ(reports[0].took, 5s);
  EXPECT_TRUE(reports[1].in_time);
}

TEST_F(shutdown_test, the_whole_never_takes_longer_than_its_limit) {
  for (int i = 0; i < 5; ++i)
    sequence.add({"slow", 4s, note("x"), [] { return false; }});
  run();
  EXPECT_EQ(order, "xxxxx") << "every step is begun all the same";
  EXPECT_EQ(time.now, steady_time{} + 10s);
}

TEST_F(shutdown_test, a_step_that_throws_does_not_stop_the_others) {
  sequence.add({"bad", 1s, [] { throw std::runtime_error("planted"); }});
  sequence.add({"good", 1s, note("g")});
  const auto reports = run();
  EXPECT_EQ(order, "g");
  EXPECT_FALSE(reports[0].in_time);
}

TEST(watchdog, bites_unless_called_off) {
  bool bitten = false;
  {
    const watchdog dog(1h, [&] { bitten = true; });
  }
  EXPECT_FALSE(bitten);
  std::promise<void> bite;
  const watchdog dog(1ms, [&] { bite.set_value(); });
  EXPECT_EQ(bite.get_future().wait_for(20s), std::future_status::ready);
}

} // namespace
} // namespace weir::actors
