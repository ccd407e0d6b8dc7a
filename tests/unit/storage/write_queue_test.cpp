// The latest wish for a key wins, is found at once, and the bounds hold.
#include "storage/write_queue.hpp"

#include "tests/support/cached_object.hpp"

#include <gtest/gtest.h>

using namespace weir;
using storage::write_queue;
using test::make_object;
using test::object_key;
using answer = write_queue::answer;

namespace {

constexpr std::uint64_t everything = UINT64_MAX;

} // namespace

TEST(write_queue, a_wish_is_found_until_it_is_done) {
  write_queue queue({.bytes = 1u << 20, .erases = 10});
  const auto a = make_object("a");
  ASSERT_TRUE(queue.store(a));
  EXPECT_EQ(queue.find(object_key("a")).object, a);
  EXPECT_EQ(queue.bytes(), a->charge());
  const auto taken = queue.take(everything);
  ASSERT_EQ(taken.size(), 1u);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.find(object_key("a")).what, answer::stored) << "being written";
  queue.done(taken[0]);
  EXPECT_EQ(queue.find(object_key("a")).what, answer::unknown);
  EXPECT_EQ(queue.bytes(), 0u);
  EXPECT_EQ(queue.size(), 0u);
}

TEST(write_queue, the_later_wish_replaces_the_earlier) {
  write_queue queue({.bytes = 1u << 20, .erases = 10});
  queue.store(make_object("a", 5000, "old"));
  const auto fresh = make_object("a", 100, "new");
  queue.store(fresh);
  EXPECT_EQ(queue.bytes(), fresh->charge());
  queue.erase(object_key("a"));
  EXPECT_EQ(queue.find(object_key("a")).what, answer::erased);
  EXPECT_EQ(queue.bytes(), 0u);
  const auto taken = queue.take(everything);
  ASSERT_EQ(taken.size(), 1u) << "one write for all three";
  EXPECT_EQ(taken[0].object, nullptr);
}

TEST(write_queue, a_wish_that_comes_during_the_write_is_not_lost) {
  write_queue queue({.bytes = 1u << 20, .erases = 10});
  queue.store(make_object("a"));
  const auto first = queue.take(everything);
  queue.erase(object_key("a"));
  queue.done(first[0]);
  EXPECT_EQ(queue.find(object_key("a")).what, answer::erased);
  const auto second = queue.take(everything);
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].object, nullptr);
}

TEST(write_queue, what_could_not_be_written_becomes_an_erase) {
  write_queue queue({.bytes = 1u << 20, .erases = 10});
  queue.store(make_object("a"));
  queue.store(make_object("b"));
  const auto taken = queue.take(everything);
  queue.store(make_object("b", 100, "newer"));
  for (const auto& each : taken)
    EXPECT_TRUE(queue.failed(each));
  EXPECT_EQ(queue.find(object_key("a")).what, answer::erased);
  EXPECT_EQ(queue.find(object_key("b")).what, answer::stored) << "the later wish stands";
}

TEST(write_queue, full_is_full) {
  const auto a = make_object("a", 1000);
  write_queue queue({.bytes = a->charge() * 2, .erases = 2});
  EXPECT_TRUE(queue.store(a));
  EXPECT_TRUE(queue.store(make_object("b", 1000)));
  EXPECT_FALSE(queue.store(make_object("c", 1000)));
  EXPECT_TRUE(queue.store(make_object("a", 1000, "v2"))) << "in place of its own older one";
  EXPECT_TRUE(queue.erase(object_key("c")));
  EXPECT_TRUE(queue.erase(object_key("d")));
  EXPECT_FALSE(queue.erase(object_key("e"))) << "too many to remember";
  EXPECT_TRUE(queue.erase(object_key("c"))) << "known already";
  EXPECT_TRUE(queue.erase(object_key("a"))) << "makes room rather than takes it";
}

TEST(write_queue, takes_about_as_many_bytes_as_asked_for) {
  write_queue queue({.bytes = 1u << 20, .erases = 10});
  for (const auto* name : {"a", "b", "c"})
    queue.store(make_object(name, 10'000));
  EXPECT_EQ(queue.take(1).size(), 1u);
  EXPECT_EQ(queue.take(15'000).size(), 2u);
  EXPECT_TRUE(queue.take(everything).empty());
}
