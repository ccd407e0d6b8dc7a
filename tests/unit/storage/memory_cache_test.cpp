// The memory tier: what it finds, forgets, refuses and counts, and many threads at once.
#include "storage/memory_cache.hpp"

#include "base/random.hpp"
#include "tests/support/cached_object.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>

using namespace weir;
using storage::memory_cache;
using test::make_object;
using test::object_key;

namespace {

constexpr std::uint64_t budget = 1u << 20;

std::string name_of(std::uint64_t number) {
  return "example.com/" + std::to_string(number);
}

} // namespace

TEST(memory_cache, finds_what_was_put_and_only_that) {
  memory_cache cache({.bytes = budget});
  EXPECT_EQ(cache.find(object_key("a"), "a"), nullptr);
  const auto a = make_object("a");
  EXPECT_TRUE(cache.put(a));
  EXPECT_EQ(cache.find(object_key("a"), "a"), a);
  EXPECT_EQ(cache.find(object_key("b"), "b"), nullptr);
  const auto stats = cache.stats();
  EXPECT_EQ(stats.hits, 1u);
  EXPECT_EQ(stats.misses, 2u);
  EXPECT_EQ(stats.objects, 1u);
  EXPECT_EQ(stats.bytes, a->charge());
}

TEST(memory_cache, a_peek_is_no_use_of_what_it_sees) {
  memory_cache cache({.bytes = budget});
  const auto a = make_object("a");
  cache.put(a);
  EXPECT_EQ(cache.peek(object_key("a"), "a"), a);
  EXPECT_EQ(cache.peek(object_key("a"), "another text"), nullptr);
  EXPECT_EQ(cache.peek(object_key("b"), "b"), nullptr);
  EXPECT_EQ(cache.stats().hits + cache.stats().misses, 0u);
  // Whoever was only peeked at goes like one that nobody wanted.
  for (std::uint64_t i = 0; i < 2000; ++i) {
    (void)cache.peek(object_key("a"), "a");
    cache.put(make_object(name_of(i)));
  }
  EXPECT_EQ(cache.peek(object_key("a"), "a"), nullptr);
}

TEST(memory_cache, a_hash_that_two_texts_share_is_not_a_hit) {
  memory_cache cache({.bytes = budget});
  cache.put(make_object("a"));
  EXPECT_EQ(cache.find(object_key("a"), "another text"), nullptr);
}

TEST(memory_cache, the_newer_version_replaces_the_older) {
  memory_cache cache({.bytes = budget});
  cache.put(make_object("a", 1000, "old"));
  const auto fresh = make_object("a", 5000, "new");
  cache.put(fresh);
  EXPECT_EQ(cache.find(object_key("a"), "a"), fresh);
  EXPECT_EQ(cache.stats().objects, 1u);
  EXPECT_EQ(cache.stats().bytes, fresh->charge());
}

TEST(memory_cache, put_if_absent_never_replaces) {
  memory_cache cache({.bytes = budget});
  const auto fresh = make_object("a", 1000, "new");
  cache.put(fresh);
  EXPECT_FALSE(cache.put_if_absent(make_object("a", 1000, "old"), false));
  EXPECT_EQ(cache.find(object_key("a"), "a"), fresh);
  EXPECT_EQ(cache.stats().bytes, fresh->charge());
}

TEST(memory_cache, what_is_erased_is_gone_and_its_bytes_too) {
  memory_cache cache({.bytes = budget});
  const auto a = make_object("a");
  cache.put(a);
  EXPECT_TRUE(cache.erase(object_key("a")));
  EXPECT_FALSE(cache.erase(object_key("a")));
  EXPECT_EQ(cache.find(object_key("a"), "a"), nullptr);
  EXPECT_EQ(cache.stats().bytes, 0u);
  EXPECT_EQ(a->key_text(), "a") << "who holds it keeps it";
}

TEST(memory_cache, an_object_too_large_is_refused_and_leaves_no_older_one) {
  memory_cache cache({.bytes = budget});
  cache.put(make_object("a"));
  EXPECT_FALSE(cache.put(make_object("a", cache.object_max())));
  EXPECT_EQ(cache.find(object_key("a"), "a"), nullptr);
  EXPECT_EQ(cache.stats().too_large, 1u);
  EXPECT_EQ(cache.stats().bytes, 0u);
}

TEST(memory_cache, the_budget_holds_over_all_stripes) {
  memory_cache cache({.bytes = budget, .stripes = 16});
  random_source random(1);
  for (int i = 0; i < 5000; ++i) {
    cache.put(make_object(name_of(random.below(3000)), random.below(cache.object_max() - 1000)));
    ASSERT_LE(cache.stats().bytes, budget);
  }
  EXPECT_GT(cache.stats().bytes, budget / 2);
  EXPECT_GT(cache.stats().evicted_small, 0u);
}

TEST(memory_cache, a_scan_does_not_push_out_what_is_used) {
  memory_cache cache({.bytes = budget});
  for (int round = 0; round < 4; ++round)
    for (std::uint64_t i = 0; i < 100; ++i)
      if (!cache.find(object_key(name_of(i)), name_of(i))) cache.put(make_object(name_of(i)));
  for (std::uint64_t i = 1000; i < 10'000; ++i)
    cache.put(make_object(name_of(i)));
  std::uint64_t kept = 0;
  for (std::uint64_t i = 0; i < 100; ++i)
    kept += cache.holds(object_key(name_of(i))) ? 1 : 0;
  EXPECT_EQ(kept, 100u);
}

TEST(memory_cache, who_comes_back_soon_after_its_eviction_stays) {
  memory_cache cache({.bytes = budget});
  std::uint64_t next = 1000;
  const auto flood = [&](int count) {
    for (int i = 0; i < count; ++i)
      cache.put(make_object(name_of(next++)));
  };
  cache.put(make_object("a"));
  flood(900);
  ASSERT_FALSE(cache.holds(object_key("a")));
  cache.put(make_object("a"));
  flood(900);
  EXPECT_TRUE(cache.holds(object_key("a"))) << "its ghost was remembered";
}

TEST(memory_cache, erase_if_takes_what_is_unwanted_and_clear_takes_all) {
  memory_cache cache({.bytes = 64u << 20});
  for (std::uint64_t i = 0; i < 3000; ++i)
    cache.put(make_object((i % 3 == 0 ? "drop/" : "keep/") + std::to_string(i)));
  EXPECT_EQ(cache.erase_if(
                [](const stored_object& each) { return each.key_text().starts_with("drop/"); }),
            1000u);
  EXPECT_EQ(cache.stats().objects, 2000u);
  EXPECT_FALSE(cache.holds(object_key("drop/0")));
  EXPECT_TRUE(cache.holds(object_key("keep/1")));
  cache.clear();
  EXPECT_EQ(cache.stats().objects, 0u);
  EXPECT_EQ(cache.stats().bytes, 0u);
  EXPECT_TRUE(cache.put(make_object("a")));
}

TEST(memory_cache, the_hottest_come_first) {
  memory_cache cache({.bytes = budget});
  for (std::uint64_t i = 0; i < 50; ++i)
    cache.put(make_object(name_of(i)));
  cache.find(object_key(name_of(7)), name_of(7));
  cache.find(object_key(name_of(9)), name_of(9));
  cache.find(object_key(name_of(9)), name_of(9));
  const auto hottest = cache.hottest(2);
  ASSERT_EQ(hottest.size(), 2u);
  EXPECT_EQ(hottest[0], object_key(name_of(9)));
  EXPECT_EQ(hottest[1], object_key(name_of(7)));
  EXPECT_EQ(cache.hottest(1000).size(), 50u);
}

TEST(memory_cache, many_threads_keep_the_budget_and_their_senses) {
  memory_cache cache({.bytes = budget, .stripes = 8});
  std::atomic<bool> wrong{false};
  const auto work = [&](std::uint64_t seed) {
    random_source random(seed);
    for (int i = 0; i < 20'000; ++i) {
      const auto name = name_of(random.below(400));
      const auto key = object_key(name);
      switch (random.below(8)) {
      case 0:
        cache.put(make_object(name, random.below(20'000)));
        break;
      case 1:
        cache.put_if_absent(make_object(name, random.below(20'000)), random.below(2) == 0);
        break;
      case 2:
        cache.erase(key);
        break;
      default:
        if (const auto found = cache.find(key, name); found && found->key_text() != name)
          wrong = true;
      }
      if (i % 5000 == 0) cache.hottest(10);
      if (i % 7000 == 0)
        cache.erase_if([](const auto& each) { return each.body_bytes() > 15'000; });
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 4; ++seed)
    threads.emplace_back(work, seed);
  for (auto& each : threads)
    each.join();
  EXPECT_FALSE(wrong);
  EXPECT_LE(cache.stats().bytes, budget);
  cache.clear();
  EXPECT_TRUE(cache.put(make_object("a", cache.object_max() - 2000)))
      << "no byte was lost count of";
  for (std::uint64_t i = 0; i < 7; ++i)
    cache.put(make_object(name_of(i), cache.object_max() - 2000));
  EXPECT_EQ(cache.stats().objects, 8u);
}
