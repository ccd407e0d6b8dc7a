// Slots, floods, the sketch behind them.
#include "cluster/limit_table.hpp"

#include "base/hash.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace weir::cluster {
namespace {

constexpr duration start = 1'000s;
constexpr limit_terms five_a_minute{.interval = 12s, .burst = 5};

limit_label no_label() {
  return {};
}

/// Well spread, as keyed hashes are.
limit_key key_of(std::uint64_t number, std::uint32_t limit = 1) {
  return {mix64(number + 1), limit};
}

class limit_table_test : public testing::Test {
protected:
  bool take(std::uint64_t key, duration now, const limit_terms& terms = five_a_minute) {
    return table_.take(key_of(key), terms, now, place_, no_label).admitted();
  }
  int admitted(std::uint64_t key, duration now, int tries) {
    int count = 0;
    for (int i = 0; i < tries; ++i)
      if (take(key, now)) ++count;
    return count;
  }
  std::size_t used() {
    std::size_t count = 0;
    table_.each([&](const limit_entry&) { ++count; });
    return count;
  }

  limit_table table_{64 * 1024}; // 128 sets, 896 slots
  limit_place place_;
};

TEST_F(limit_table_test, keeps_keys_apart) {
  EXPECT_EQ(admitted(1, start, 9), 5);
  EXPECT_EQ(admitted(2, start, 9), 5);
  EXPECT_EQ(admitted(1, start + 12s, 9), 1);
  EXPECT_EQ(table_.slots(), 896u);
  EXPECT_EQ(used(), 2u);
}

TEST_F(limit_table_test, a_flood_of_keys_gives_nobody_a_new_bucket) {
  EXPECT_EQ(admitted(7, start, 9), 5);
  for (std::uint64_t i = 0; i < 1'000'000; ++i)
    take(1000 + i, start + duration(i));
  EXPECT_EQ(admitted(7, start + 1ms, 9), 0);
  EXPECT_EQ(admitted(7, start + 12s, 9), 1);
}

TEST_F(limit_table_test, a_flooder_that_has_no_slot_is_limited_all_the_same) {
  for (std::uint64_t i = 0; i < 100'000; ++i)
    take(1000 + i, start); // every set is full of keys that are not forgotten
  EXPECT_EQ(table_.stats().used, table_.slots());
  EXPECT_EQ(table_.stats().evictions, 0u);
  for (std::uint64_t key = 5'000'000; key < 5'000'020; ++key)
    EXPECT_LE(admitted(key, start, 100), 5);
  EXPECT_GT(table_.stats().overflows, 0u);
}

TEST_F(limit_table_test, a_key_that_gets_a_slot_later_has_gained_nothing) {
  for (std::uint64_t i = 0; i < 20'000; ++i)
    take(1000 + i, start);
  // The slots are free after 12 s; what the sketch knows of this key is not forgotten then.
  constexpr std::uint64_t late = 9'000'000;
  const int first = admitted(late, start + 11s, 9);
  const int second = admitted(late, start + 12s, 9);
  EXPECT_LE(first + second, 6);
  EXPECT_EQ(admitted(late, start + 5min, 9), 5);
}

TEST_F(limit_table_test, forgets_full_buckets_only_and_reuses_their_slots) {
  for (std::uint64_t i = 0; i < 20'000; ++i)
    take(i, start);
  const auto overflows = table_.stats().overflows.load();
  EXPECT_GT(overflows, 0u);
  for (std::uint64_t i = 0; i < 100; ++i)
    take(1'000'000 + i, start + 1h);
  EXPECT_EQ(table_.stats().overflows, overflows);
  EXPECT_EQ(table_.stats().evictions, 100u);
  EXPECT_EQ(used(), table_.slots());
}

TEST_F(limit_table_test, concurrency_is_given_back_exactly_once_also_by_the_sketch) {
  const limit_terms terms{.interval = {}, .burst = 1, .concurrency = 2};
  std::vector<limit_place> places;
  const auto take_all = [&](std::uint64_t keys) {
    for (std::uint64_t i = 0; i < keys; ++i)
      for (int again = 0; again < 3; ++again)
        if (take(i, start, terms)) places.push_back(place_);
  };
  take_all(500);
  EXPECT_LE(places.size(), 1000u);
  for (std::uint64_t i = 500; i < 3000; ++i) // far more than there are slots
    if (take(i, start, terms)) places.push_back(place_);
  EXPECT_GT(table_.stats().overflows, 0u);
  for (const auto& one : places)
    table_.finish(one);
  places.clear();
  for (std::uint64_t i = 0; i < 500; ++i)
    EXPECT_TRUE(table_.judge(key_of(i), terms, start).admitted());
  take_all(100);
  EXPECT_EQ(places.size(), 200u);
}

TEST_F(limit_table_test, what_the_sketch_has_under_way_counts_in_the_slot_too) {
  const limit_terms terms{.interval = {}, .burst = 1, .concurrency = 1};
  std::vector<limit_place> fillers;
  for (std::uint64_t i = 0; i < 20'000 && table_.stats().used < table_.slots(); ++i)
    if (take(i, start, terms)) fillers.push_back(place_);
  constexpr std::uint64_t key = 77'000'000;
  ASSERT_TRUE(take(key, start, {.interval = {}, .burst = 1, .concurrency = 30}));
  const auto held = place_;
  ASSERT_TRUE(held.in_sketch);
  for (const auto& one : fillers)
    table_.finish(one); // now there are slots
  EXPECT_FALSE(take(key, start, terms));
  table_.finish(held);
  EXPECT_TRUE(take(key, start, terms));
  EXPECT_FALSE(place_.in_sketch);
}

TEST_F(limit_table_test, reset_fills_the_bucket_and_leaves_what_is_under_way) {
  const limit_terms terms{.interval = 12s, .burst = 5, .concurrency = 1};
  ASSERT_TRUE(take(1, start, terms));
  take(2, start);
  EXPECT_EQ(table_.reset([](const limit_entry& one) { return one.key.hash == key_of(1).hash; }),
            1u);
  std::size_t seen = 0;
  table_.each([&](const limit_entry& one) {
    if (one.key.hash != key_of(1).hash) return;
    EXPECT_EQ(one.bucket.full_at, duration{});
    EXPECT_EQ(one.bucket.under_way, 1u);
    ++seen;
  });
  EXPECT_EQ(seen, 1u);
}

TEST_F(limit_table_test, shows_the_label_that_a_key_came_with) {
  limit_label label;
  label.kind = 3;
  label.size = 1;
  label.bytes[0] = 'x';
  table_.take(key_of(1, 9), five_a_minute, start, place_, [&] { return label; });
  table_.take(key_of(1, 9), five_a_minute, start, place_, [&] {
    ADD_FAILURE() << "asked again";
    return label;
  });
  table_.each([&](const limit_entry& one) {
    EXPECT_EQ(one.key.limit, 9u);
    EXPECT_EQ(one.label.kind, 3);
    EXPECT_EQ(one.label.bytes[0], 'x');
  });
}

TEST_F(limit_table_test, shards_that_share_a_key_share_its_bucket) {
  const limit_terms terms{.interval = 1h, .burst = 1000};
  std::atomic<int> count{0};
  std::vector<std::thread> shards;
  for (int i = 0; i < 4; ++i)
    shards.emplace_back([&] {
      limit_place place;
      for (int k = 0; k < 1000; ++k)
        if (table_.take(key_of(1), terms, start, place, no_label).admitted()) ++count;
    });
  for (auto& one : shards)
    one.join();
  EXPECT_EQ(count, 1000);
}

} // namespace
} // namespace weir::cluster
