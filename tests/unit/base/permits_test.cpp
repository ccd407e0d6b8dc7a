// A bound that holds, refusals that are counted, permits that outlive their pool.
#include "base/permits.hpp"

#include <atomic>
#include <gtest/gtest.h>
#include <optional>
#include <thread>
#include <vector>

namespace weir {
namespace {

TEST(permits, the_bound_holds_and_refusals_are_counted) {
  permit_pool pool(2);
  auto a = pool.try_take();
  auto b = pool.try_take();
  EXPECT_TRUE(a);
  EXPECT_TRUE(b);
  EXPECT_FALSE(pool.try_take());
  EXPECT_EQ(pool.refused(), 1u);
  a.release();
  EXPECT_EQ(pool.in_use(), 1u);
  EXPECT_TRUE(pool.try_take());
}

TEST(permits, a_moved_permit_is_given_back_once) {
  permit_pool pool(2);
  auto a = pool.try_take();
  permit b = std::move(a);
  EXPECT_EQ(pool.in_use(), 1u);
  b = pool.try_take();
  EXPECT_EQ(pool.in_use(), 1u);
  b.release();
  b.release();
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST(permits, a_permit_may_outlive_its_pool) {
  permit left;
  {
    permit_pool pool(1);
    left = pool.try_take();
  }
  EXPECT_TRUE(left);
}

TEST(permits, a_lower_limit_counts_for_the_next_taker_only) {
  permit_pool pool(2);
  auto a = pool.try_take();
  auto b = pool.try_take();
  pool.set_limit(1);
  b.release();
  EXPECT_FALSE(pool.try_take());
  a.release();
  EXPECT_TRUE(pool.try_take());
}

TEST(permits, racing_threads_never_exceed_the_bound) {
  permit_pool pool(3);
  std::atomic<std::uint64_t> worst{0};
  std::atomic<std::uint64_t> holding{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 5000; ++i) {
        auto mine = pool.try_take();
        if (!mine) continue;
        const auto now = ++holding;
        auto seen = worst.load();
        while (now > seen && !worst.compare_exchange_weak(seen, now)) {
        }
        --holding;
      }
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_LE(worst.load(), 3u);
  EXPECT_EQ(pool.in_use(), 0u);
}

} // namespace
} // namespace weir
