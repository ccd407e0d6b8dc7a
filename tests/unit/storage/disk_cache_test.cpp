// The disk tier over a real RocksDB: read-your-writes, restarts, budget, and disks that fail.
#include "tests/support/disk_tier.hpp"

#include <gtest/gtest.h>

#include <fstream>

using namespace weir;
using namespace weir::storage;
using test::make_object;
using test::object_key;

namespace fs = std::filesystem;

namespace {

class disk_cache_test : public testing::Test {
protected:
  test::disk_tier tier;
};

} // namespace

TEST_F(disk_cache_test, what_is_stored_is_found_before_and_after_it_is_written) {
  tier.open();
  const auto a = make_object("a");
  tier.cache().store(a);
  EXPECT_EQ(test::body_of(*tier.get("a")), test::body_of(*a));
  tier.wait_written();
  const auto reads = tier.stats().read_hits;
  EXPECT_EQ(test::body_of(*tier.get("a")), test::body_of(*a));
  EXPECT_EQ(tier.stats().read_hits, reads + 1);
  EXPECT_EQ(tier.promoted(), reads + 1) << "brought to memory on the way";
}

TEST_F(disk_cache_test, what_is_not_there_costs_no_read) {
  tier.open();
  const auto answer = tier.cache().lookup(object_key("a"), "a", [](const auto&) { FAIL(); });
  EXPECT_FALSE(answer.reading);
  EXPECT_EQ(answer.object, nullptr);
}

TEST_F(disk_cache_test, everything_is_there_after_a_restart) {
  tier.open();
  for (int i = 0; i < 300; ++i)
    tier.cache().store(make_object("n" + std::to_string(i), 5000));
  tier.cache().store(make_object("big", 3 << 20));
  tier.reopen();
  for (int i = 0; i < 300; ++i)
    ASSERT_TRUE(tier.get("n" + std::to_string(i))) << i;
  EXPECT_EQ(tier.get("big")->body_bytes(), 3u << 20);
}

TEST_F(disk_cache_test, what_was_hot_comes_back_unasked) {
  tier.open();
  for (int i = 0; i < 20; ++i)
    tier.cache().store(make_object("n" + std::to_string(i)));
  tier.hottest = {object_key("n3"), object_key("n7"), object_key("no such")};
  tier.reopen();
  tier.wait_for([&] { return tier.warmed() == 2; }, "two objects brought back");
  EXPECT_EQ(tier.stats().read_misses, 0u);
}

TEST_F(disk_cache_test, what_is_erased_is_gone_at_once_and_for_good) {
  tier.open();
  tier.cache().store(make_object("a"));
  tier.wait_written();
  tier.cache().erase(object_key("a"));
  EXPECT_EQ(tier.get("a"), nullptr);
  tier.reopen();
  EXPECT_EQ(tier.get("a"), nullptr);
}

TEST_F(disk_cache_test, erased_while_it_waits_to_be_written_is_erased) {
  tier.open();
  for (int i = 0; i < 200; ++i) {
    const auto name = "n" + std::to_string(i);
    tier.cache().store(make_object(name));
    tier.cache().erase(object_key(name));
    ASSERT_EQ(tier.get(name), nullptr) << name;
  }
  tier.reopen();
  EXPECT_EQ(tier.stats().objects, 0u);
}

TEST_F(disk_cache_test, clear_takes_all_that_was_and_nothing_that_comes_after) {
  tier.open();
  for (int i = 0; i < 50; ++i)
    tier.cache().store(make_object("n" + std::to_string(i)));
  tier.wait_written();
  tier.cache().store(make_object("waiting"));
  tier.cache().clear();
  EXPECT_EQ(tier.get("n1"), nullptr);
  EXPECT_EQ(tier.get("waiting"), nullptr);
  tier.cache().store(make_object("after"));
  EXPECT_NE(tier.get("after"), nullptr);
  tier.reopen();
  EXPECT_NE(tier.get("after"), nullptr);
  EXPECT_EQ(tier.stats().objects, 1u);
}

TEST_F(disk_cache_test, a_text_with_the_same_hash_is_a_miss) {
  tier.open();
  tier.cache().store(make_object("a"));
  EXPECT_EQ(tier.get_as("a", "another text"), nullptr);
  tier.wait_written();
  EXPECT_EQ(tier.get_as("a", "another text"), nullptr);
  EXPECT_NE(tier.get("a"), nullptr) << "which is no reason to forget it";
}

TEST_F(disk_cache_test, what_has_expired_is_not_found_and_goes) {
  tier.open();
  tier.cache().store(make_object("a", 1000, "v1", tier.now() + 10));
  tier.cache().store(make_object("b", 1000, "v1", tier.now() + 1000));
  tier.wait_written();
  tier.clock.advance(std::chrono::seconds(11));
  EXPECT_EQ(tier.get("a"), nullptr);
  EXPECT_NE(tier.get("b"), nullptr);
  tier.wait_for([&] { return tier.stats().evicted_expired == 1; }, "the sweep");
  EXPECT_EQ(tier.stats().objects, 1u);
}

TEST_F(disk_cache_test, an_object_too_large_is_skipped_and_its_older_version_goes) {
  tier.open();
  tier.cache().store(make_object("a"));
  tier.wait_written();
  tier.cache().store(make_object("a", test::disk_tier::budget / 4));
  EXPECT_EQ(tier.get("a"), nullptr);
  EXPECT_EQ(tier.stats().skipped_size, 1u);
}

TEST_F(disk_cache_test, the_budget_holds_however_much_is_written) {
  tier.open();
  random_source random(3);
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 20; ++i)
      tier.cache().store(make_object("n" + std::to_string(random.below(2000)),
                                     random.below(round % 2 == 0 ? 400'000 : 20'000)));
    tier.wait_written();
  }
  EXPECT_GT(tier.stats().evicted_space, 0u);
  tier.wait_for([&] { return tier.folder_bytes() <= test::disk_tier::budget; }, "the budget");
  EXPECT_GT(tier.stats().objects, 0u);
  tier.reopen();
  EXPECT_LE(tier.folder_bytes(), test::disk_tier::budget);
}

TEST_F(disk_cache_test, below_the_free_floor_nothing_is_stored_and_all_is_still_found) {
  tier.open();
  tier.cache().store(make_object("a"));
  tier.shut();
  tier.free_floor = UINT64_MAX;
  tier.open();
  tier.wait_for(
      [&] {
        tier.cache().store(make_object("b"));
        return tier.stats().skipped_space > 0;
      },
      "a full disk");
  EXPECT_NE(tier.get("a"), nullptr);
}

TEST_F(disk_cache_test, a_folder_of_nonsense_is_begun_anew) {
  fs::create_directories(tier.folder());
  for (const auto* name : {"CURRENT", "MANIFEST-000001"})
    std::ofstream(tier.folder() / name) << "nonsense\n";
  tier.open();
  tier.cache().store(make_object("a"));
  tier.reopen();
  EXPECT_NE(tier.get("a"), nullptr);
}

TEST_F(disk_cache_test, another_secret_begins_anew) {
  tier.open();
  tier.cache().store(make_object("a"));
  tier.shut();
  tier.secret = {1, 2};
  tier.open();
  EXPECT_EQ(tier.stats().objects, 0u);
}

TEST_F(disk_cache_test, a_folder_that_cannot_be_made_is_no_disk_tier) {
  std::ofstream(tier.folder()) << "a file where the folder should be";
  tier.start();
  tier.wait_for([&] { return tier.stats().state == disk_state::down; }, "down");
  tier.cache().store(make_object("a"));
  EXPECT_EQ(tier.get("a"), nullptr);
  EXPECT_EQ(tier.stats().skipped_down, 1u);
  EXPECT_GT(tier.stats().errors, 0u);
  fs::remove(tier.folder());
  tier.wait_for([&] { return tier.stats().state == disk_state::up; }, "up again");
}

TEST_F(disk_cache_test, a_disk_that_fills_up_is_left_alone_until_there_is_room) {
  tier.open();
  tier.cache().store(make_object("kept"));
  tier.cache().store(make_object("erased"));
  tier.cache().store(make_object("replaced", 1000, "old"));
  tier.wait_written();
  tier.disk.fault = test::disk_fault::full;
  tier.cache().store(make_object("replaced", 1000, "lost"));
  tier.wait_for([&] { return tier.stats().state == disk_state::down; }, "down");
  EXPECT_EQ(tier.get("kept"), nullptr) << "a miss, not an error";
  tier.cache().erase(object_key("erased"));
  tier.disk.fault = test::disk_fault::none;
  tier.wait_for([&] { return tier.stats().state == disk_state::up; }, "up again");
  EXPECT_NE(tier.get("kept"), nullptr);
  EXPECT_EQ(tier.get("erased"), nullptr) << "erased while nobody could write it";
  EXPECT_EQ(tier.get("replaced"), nullptr) << "the old one must not come back";
  tier.reopen();
  EXPECT_EQ(tier.stats().objects, 1u);
}

TEST_F(disk_cache_test, what_was_erased_while_the_disk_was_broken_is_gone_after_a_restart) {
  tier.open();
  tier.cache().store(make_object("a"));
  tier.wait_written();
  tier.disk.fault = test::disk_fault::broken;
  tier.cache().store(make_object("b"));
  tier.wait_for([&] { return tier.stats().state == disk_state::down; }, "down");
  tier.cache().erase(object_key("a"));
  tier.shut();
  tier.disk.fault = test::disk_fault::none;
  tier.open();
  EXPECT_EQ(tier.get("a"), nullptr);
}

TEST_F(disk_cache_test, a_damaged_file_costs_misses_only) {
  tier.open();
  for (int i = 0; i < 40; ++i)
    tier.cache().store(make_object("n" + std::to_string(i), 100'000));
  tier.shut_flushed();
  std::size_t damaged = 0;
  for (const auto& each : fs::directory_iterator(tier.folder()))
    if (each.path().extension() == ".blob") {
      std::fstream file(each.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekp(static_cast<std::streamoff>(fs::file_size(each.path()) / 2));
      file << "garbage";
      ++damaged;
    }
  ASSERT_GT(damaged, 0u);
  tier.open();
  std::size_t found = 0;
  for (int i = 0; i < 40; ++i) {
    const auto name = "n" + std::to_string(i);
    if (const auto object = tier.get(name)) {
      EXPECT_EQ(test::body_of(*object), test::body_of(*make_object(name, 100'000)));
      ++found;
    }
  }
  EXPECT_LT(found, 40u);
  EXPECT_GT(found, 20u);
  EXPECT_GT(tier.stats().errors, 0u);
}

TEST_F(disk_cache_test, closing_answers_every_read) {
  tier.open();
  for (int i = 0; i < 200; ++i)
    tier.cache().store(make_object("n" + std::to_string(i), 20'000));
  tier.wait_written();
  std::atomic<int> answers{0};
  int asked = 0;
  for (int i = 0; i < 200; ++i) {
    const auto name = "n" + std::to_string(i);
    asked += tier.cache().lookup(object_key(name), name, [&](const auto&) { ++answers; }).reading;
  }
  EXPECT_EQ(asked, 200);
  tier.shut();
  EXPECT_EQ(answers, asked);
}

TEST_F(disk_cache_test, many_threads_get_what_was_stored_or_nothing) {
  tier.open();
  std::atomic<bool> wrong{false};
  std::atomic<int> waiting{0};
  const auto work = [&](std::uint64_t seed) {
    random_source random(seed);
    for (int i = 0; i < 2000; ++i) {
      const auto name = "n" + std::to_string(random.below(100));
      switch (random.below(6)) {
      case 0:
        tier.cache().erase(object_key(name));
        break;
      case 1:
      case 2:
        tier.cache().store(make_object(name, random.below(60'000)));
        break;
      default: {
        ++waiting;
        const auto answer =
            tier.cache().lookup(object_key(name), name, [&, name](const stored_object_ptr& object) {
              if (object && object->key_text() != name) wrong = true;
              --waiting;
            });
        if (answer.object && answer.object->key_text() != name) wrong = true;
        if (!answer.reading) --waiting;
      }
      }
      if (i % 900 == 0) tier.cache().clear();
    }
  };
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    threads.emplace_back(work, seed);
  for (auto& each : threads)
    each.join();
  tier.shut();
  EXPECT_EQ(waiting, 0);
  EXPECT_FALSE(wrong);
}
