// The control thread starts, runs work in order, and always ends.
#include "net/client/control_loop.hpp"

#include <gtest/gtest.h>

#include <memory>

using weir::net::control_loop;

TEST(control_loop, runs_work_on_its_own_thread) {
  control_loop loop;
  loop.start();
  bool there = false;
  loop.run_and_wait([&] { there = loop.on_loop_thread(); });
  EXPECT_TRUE(there);
  EXPECT_FALSE(loop.on_loop_thread());
}

TEST(control_loop, destroys_what_never_ran) {
  auto token = std::make_shared<int>(1);
  {
    control_loop loop;
    loop.post([token] { FAIL() << "the loop was never started"; });
    EXPECT_EQ(token.use_count(), 2);
  }
  EXPECT_EQ(token.use_count(), 1);
}

TEST(control_loop, stop_is_idempotent_and_work_after_it_is_harmless) {
  control_loop loop;
  loop.start();
  loop.stop();
  loop.stop();
  int ran = 0;
  loop.run_and_wait([&] { ++ran; });
  EXPECT_EQ(ran, 1);
}
