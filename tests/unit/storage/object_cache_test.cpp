// Both tiers as one: nothing outdated is ever found, and a restart is warm.
#include "storage/object_cache.hpp"

#include "base/log.hpp"
#include "base/random.hpp"
#include "tests/support/cached_object.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

#include <future>
#include <thread>

using namespace weir;
using storage::object_cache;
using test::make_object;
using test::object_key;

namespace {

class object_cache_test : public testing::Test {
protected:
  void SetUp() override {
    log::set_threshold(log::level::error);
    open(4u << 20, 64u << 20);
  }

  void open(std::uint64_t memory, std::uint64_t disk) {
    cache_ = std::make_unique<object_cache>(
        storage::object_cache_options{.memory_bytes = memory,
                                      .disk_bytes = disk,
                                      .folder = root_.path() / "cache",
                                      .secret = test::object_secret});
    cache_->open_disk();
    if (disk > 0) wait_for([&] { return cache_->disk_stats().state == storage::disk_state::up; });
  }
  void reopen(std::uint64_t memory) {
    cache_->close_disk();
    wait_for([&] { return cache_->disk_closed(); });
    open(memory, 64u << 20);
  }

  static stored_object_ptr get(object_cache& cache, const std::string& name) {
    const auto key = object_key(name);
    if (auto found = cache.lookup_memory(key, name)) return found;
    std::promise<stored_object_ptr> read;
    auto answer = cache.lookup_disk(
        key, name, [&](stored_object_ptr object) { read.set_value(std::move(object)); });
    return answer.reading ? read.get_future().get() : answer.object;
  }
  stored_object_ptr get(const std::string& name) { return get(*cache_, name); }

  template <class Condition>
  static void wait_for(const Condition& holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    // Asked once a round: what held may be over a moment later, while others go on.
    while (!holds()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      std::this_thread::yield();
    }
  }

  test::temp_folder root_;
  std::unique_ptr<object_cache> cache_;
};

} // namespace

TEST_F(object_cache_test, what_memory_let_go_comes_from_disk_and_is_in_memory_again) {
  for (int i = 0; i < 300; ++i)
    cache_->store(make_object("n" + std::to_string(i), 50'000));
  wait_for([&] { return cache_->disk_stats().queue_writes == 0; });
  const std::string first = "n0";
  ASSERT_EQ(cache_->lookup_memory(object_key(first), first), nullptr);
  ASSERT_NE(get(first), nullptr);
  EXPECT_NE(cache_->lookup_memory(object_key(first), first), nullptr);
}

TEST_F(object_cache_test, a_peek_sees_memory_and_says_what_only_a_read_would_show) {
  const auto peek = [this](const std::string& name) {
    return cache_->peek(object_key(name), name);
  };
  for (int i = 0; i < 300; ++i)
    cache_->store(make_object("n" + std::to_string(i), 50'000));
  EXPECT_NE(peek("n299").object, nullptr);
  EXPECT_FALSE(peek("nobody").object || peek("nobody").reading);
  wait_for([&] { return cache_->disk_stats().queue_writes == 0; });
  ASSERT_EQ(cache_->lookup_memory(object_key("n0"), "n0"), nullptr);
  EXPECT_TRUE(!peek("n0").object && peek("n0").reading);
  EXPECT_EQ(cache_->disk_stats().read_hits, 0u);
  EXPECT_EQ(cache_->lookup_memory(object_key("n0"), "n0"), nullptr); // nothing brought it back
}

TEST_F(object_cache_test, erase_and_clear_reach_both_tiers) {
  for (const auto* name : {"a", "b"})
    cache_->store(make_object(name));
  wait_for([&] { return cache_->disk_stats().queue_writes == 0; });
  cache_->erase(object_key("a"));
  EXPECT_EQ(get("a"), nullptr);
  EXPECT_NE(get("b"), nullptr);
  cache_->clear();
  EXPECT_EQ(get("b"), nullptr);
  reopen(4u << 20);
  EXPECT_EQ(cache_->disk_stats().objects, 0u);
}

TEST_F(object_cache_test, without_a_disk_there_is_memory) {
  open(4u << 20, 0);
  EXPECT_FALSE(cache_->has_disk());
  cache_->store(make_object("a"));
  EXPECT_NE(get("a"), nullptr);
  EXPECT_EQ(get("b"), nullptr);
  cache_->close_disk();
  EXPECT_TRUE(cache_->disk_closed());
}

TEST_F(object_cache_test, a_restart_is_warm) {
  random_source random(9);
  const auto pick = [&] { return "n" + std::to_string(random.below(1 + random.below(3000))); };
  for (int i = 0; i < 20'000; ++i) {
    const auto name = pick();
    if (!get(name)) cache_->store(make_object(name, 4000));
  }
  const auto ratio = [&] {
    int hits = 0;
    for (int i = 0; i < 2000; ++i)
      hits += get(pick()) ? 1 : 0;
    return hits;
  };
  const auto before = ratio();
  const auto held = cache_->memory_stats().objects;
  reopen(4u << 20);
  EXPECT_GE(ratio(), before * 95 / 100);
  wait_for([&] { return cache_->memory_stats().objects >= held * 9 / 10; });
}

TEST_F(object_cache_test, nothing_older_than_the_last_store_or_erase_is_found) {
  open(1u << 20, 64u << 20); // a memory that forgets all the time
  std::atomic<bool> ended{false};
  std::atomic<int> outdated{0};
  const auto name_of = [](std::uint64_t owner, std::uint64_t number) {
    return "n" + std::to_string(owner) + "/" + std::to_string(number);
  };
  // Each owner alone changes its keys, so it knows what may be found; readers bring from disk.
  const auto own = [&](std::uint64_t owner) {
    random_source random(owner);
    std::array<std::string, 30> current{}; // the version, empty: erased
    const auto check = [&](std::uint64_t number) {
      const auto found = get(*cache_, name_of(owner, number));
      const auto& version = current[number];
      if (found && (version.empty() || !found->meta().ends_with(" " + version))) ++outdated;
    };
    for (int i = 0; i < 1500; ++i) {
      const auto number = random.below(current.size());
      const auto name = name_of(owner, number);
      auto& version = current[number];
      if (random.below(3) == 0) {
        cache_->erase(object_key(name));
        version.clear();
      } else {
        version = "v" + std::to_string(i);
        cache_->store(make_object(name, 2000 + random.below(100'000), version));
      }
      // What is on disk only is what a reader may bring too late.
      if (i % 10 == 0) wait_for([&] { return cache_->disk_stats().queue_writes < 5; });
      check(number);
      for (int others = 0; others < 5; ++others)
        check(random.below(current.size()));
    }
  };
  const auto look = [&](std::uint64_t seed) {
    random_source random(seed);
    while (!ended)
      get(*cache_, name_of(1 + random.below(2), random.below(30)));
  };
  std::vector<std::thread> readers;
  for (std::uint64_t seed = 3; seed < 7; ++seed)
    readers.emplace_back(look, seed);
  std::thread first(own, 1);
  std::thread second(own, 2);
  first.join();
  second.join();
  ended = true;
  for (auto& each : readers)
    each.join();
  EXPECT_EQ(outdated, 0);
  EXPECT_GT(cache_->disk_stats().read_hits, 0u);
}

TEST(cache_secret, is_made_once_and_kept) {
  test::temp_folder root;
  const std::string path = root.path() / "cache.secret";
  const auto made = storage::load_cache_secret(path);
  EXPECT_EQ(storage::load_cache_secret(path), made);
  EXPECT_NE(storage::load_cache_secret(root.path() / "other"), made);
  EXPECT_NE(storage::load_cache_secret("/proc/no/such"), made);
}
