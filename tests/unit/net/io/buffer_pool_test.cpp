// The buffer pool: blocks are reused, idle memory is capped, content survives compacting and
// growing.
#include "net/io/buffer_pool.hpp"

#include <gtest/gtest.h>

#include <cstring>
#include <string_view>

namespace weir::net {
namespace {

constexpr auto small_bytes = bytes_of(block_size::small);
constexpr auto large_bytes = bytes_of(block_size::large);

void put(buffer& into, std::string_view text) {
  std::memcpy(into.free_space().data(), text.data(), text.size());
  into.commit(text.size());
}

TEST(buffer_pool, a_block_given_back_is_used_next) {
  buffer_pool pool;
  auto first = pool.acquire(block_size::small);
  const auto* block = first.data();
  first.release();
  EXPECT_EQ(pool.idle_bytes(), small_bytes);
  EXPECT_EQ(pool.acquire(block_size::small).data(), block);
}

TEST(buffer_pool, keeps_no_more_idle_memory_than_it_may) {
  buffer_pool pool(large_bytes);
  {
    auto a = pool.acquire(block_size::large);
    auto b = pool.acquire(block_size::large);
    auto c = pool.acquire(block_size::small);
    EXPECT_EQ(pool.used_bytes(), 2 * large_bytes + small_bytes);
  }
  EXPECT_EQ(pool.used_bytes(), 0u);
  EXPECT_LE(pool.idle_bytes(), large_bytes);
}

TEST(buffer, consume_commit_and_compact_keep_the_content) {
  buffer_pool pool;
  auto b = pool.acquire(block_size::small);
  put(b, "hello world");
  b.consume(6);
  EXPECT_EQ(b.view(), "world");
  EXPECT_EQ(b.free_space().size(), small_bytes - 11);
  b.compact();
  EXPECT_EQ(b.view(), "world");
  EXPECT_EQ(b.free_space().size(), small_bytes - 5);
  b.consume(5);
  EXPECT_TRUE(b.empty());
  EXPECT_EQ(b.free_space().size(), small_bytes) << "an empty buffer starts over by itself";
}

TEST(buffer, grows_once_with_its_content) {
  buffer_pool pool;
  auto b = pool.acquire(block_size::small);
  put(b, "head");
  EXPECT_TRUE(pool.grow(b));
  EXPECT_EQ(b.view(), "head");
  EXPECT_EQ(b.capacity(), large_bytes);
  EXPECT_FALSE(pool.grow(b));
  EXPECT_EQ(pool.used_bytes(), large_bytes);
}

TEST(buffer, moving_hands_the_block_over) {
  buffer_pool pool;
  auto a = pool.acquire(block_size::small);
  put(a, "x");
  buffer b;
  b = std::move(a);
  EXPECT_EQ(b.view(), "x");
  EXPECT_EQ(a.capacity(), 0u);
  b = buffer{};
  EXPECT_EQ(pool.used_bytes(), 0u);
}

} // namespace
} // namespace weir::net
