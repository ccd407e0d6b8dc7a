// Who leaves the disk first, and who has expired.
#include "storage/disk_index.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::storage;

namespace {

cache_key key(std::uint64_t number) {
  return {number, number * 31};
}

disk_facts facts(std::uint64_t bytes, std::int64_t expires = 1000) {
  return {.stamp = 1, .bytes = bytes, .expires = expires, .segments = 2};
}

bool cold(const cache_key&) {
  return false;
}

std::vector<std::uint64_t> numbers(const std::vector<disk_victim>& victims) {
  std::vector<std::uint64_t> out;
  for (const auto& each : victims)
    out.push_back(each.key.low);
  return out;
}

class disk_index_test : public testing::Test {
protected:
  void SetUp() override {
    for (std::uint64_t i = 0; i < 5; ++i)
      index.put(key(i), facts(100));
  }
  std::vector<std::uint64_t> shrink(std::uint64_t bytes, std::uint64_t objects = 1000) {
    std::vector<disk_victim> out;
    index.shrink(bytes, objects, cold, out);
    return numbers(out);
  }
  disk_index index;
};

} // namespace

TEST_F(disk_index_test, knows_what_it_holds) {
  EXPECT_EQ(index.objects(), 5u);
  EXPECT_EQ(index.bytes(), 500u);
  ASSERT_NE(index.find(key(3)), nullptr);
  EXPECT_EQ(index.find(key(3))->bytes, 100u);
  EXPECT_EQ(index.find(key(9)), nullptr);
  index.put(key(3), facts(50));
  EXPECT_EQ(index.bytes(), 450u);
  index.erase(key(3));
  index.erase(key(3));
  EXPECT_EQ(index.objects(), 4u);
  EXPECT_EQ(index.bytes(), 400u);
}

TEST_F(disk_index_test, the_oldest_leave_first) {
  index.put(key(0), facts(100)); // anew: the newest now
  EXPECT_EQ(shrink(250), (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(index.bytes(), 200u);
  EXPECT_EQ(shrink(1000, 1), (std::vector<std::uint64_t>{4}));
}

TEST_F(disk_index_test, what_was_read_or_is_hot_gets_another_round) {
  index.mark_used(key(0));
  std::vector<disk_victim> out;
  index.shrink(
      300, 1000, [](const cache_key& each) { return each == key(1); }, out);
  EXPECT_EQ(numbers(out), (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(shrink(100), (std::vector<std::uint64_t>{4, 0})) << "one round, not for ever";
}

TEST_F(disk_index_test, what_is_all_hot_shrinks_all_the_same) {
  std::vector<disk_victim> out;
  index.shrink(
      0, 0, [](const cache_key&) { return true; }, out);
  EXPECT_EQ(out.size(), 5u);
  EXPECT_EQ(out[0].segments, 2);
}

TEST_F(disk_index_test, the_sweep_finds_all_that_expired_bit_by_bit) {
  for (std::uint64_t i = 10; i < 200; ++i)
    index.put(key(i), facts(1, i % 2 == 0 ? 50 : 5000));
  std::vector<disk_victim> out;
  for (int look = 0; look < 30; ++look)
    index.sweep(60, 10, out);
  EXPECT_EQ(out.size(), 95u);
  EXPECT_EQ(index.objects(), 100u);
  EXPECT_EQ(index.find(key(10)), nullptr);
  EXPECT_NE(index.find(key(11)), nullptr);
}

TEST_F(disk_index_test, clear_leaves_nothing) {
  index.clear();
  EXPECT_EQ(index.bytes(), 0u);
  EXPECT_EQ(index.find(key(1)), nullptr);
  EXPECT_TRUE(shrink(0).empty());
}
