// What is kept of compressed files, and of an encoder's memory.
#include "net/encode/coded_file_cache.hpp"

#include "net/encode/block_recycler.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace weir::net {
namespace {

open_file_ptr some_file() {
  return std::make_shared<open_file>();
}

TEST(coded_file_cache, content_belongs_to_a_file_and_a_coding) {
  coded_file_cache cache;
  const auto file = some_file();
  cache.keep(file, content_coding::gzip, "packed");
  ASSERT_NE(cache.find(file, content_coding::gzip), nullptr);
  EXPECT_EQ(*cache.find(file, content_coding::gzip), "packed");
  EXPECT_EQ(cache.find(file, content_coding::br), nullptr);
  EXPECT_EQ(cache.find(some_file(), content_coding::gzip), nullptr);
}

TEST(coded_file_cache, the_least_recently_used_go_first_when_it_is_full) {
  coded_file_cache cache(100);
  const auto a = some_file(), b = some_file(), c = some_file();
  cache.keep(a, content_coding::br, std::string(40, 'a'));
  cache.keep(b, content_coding::br, std::string(40, 'b'));
  EXPECT_NE(cache.find(a, content_coding::br), nullptr);
  cache.keep(c, content_coding::br, std::string(40, 'c'));
  EXPECT_EQ(cache.find(b, content_coding::br), nullptr);
  EXPECT_NE(cache.find(a, content_coding::br), nullptr);
  EXPECT_EQ(cache.bytes(), 80u);
  cache.keep(some_file(), content_coding::br, std::string(101, 'd')); // would be all there is
  EXPECT_EQ(cache.bytes(), 80u);
}

TEST(coded_file_cache, the_same_twice_is_kept_once) {
  coded_file_cache cache;
  const auto file = some_file();
  cache.keep(file, content_coding::br, "one");
  cache.keep(file, content_coding::br, "one");
  EXPECT_EQ(cache.bytes(), 3u);
}

TEST(coded_file_cache, files_without_content_are_limited_in_number) {
  coded_file_cache cache;
  const auto first = some_file();
  cache.keep(first, content_coding::br, "");
  for (std::size_t i = 0; i < coded_file_cache::entries_max; ++i)
    cache.keep(some_file(), content_coding::br, "");
  EXPECT_EQ(cache.find(first, content_coding::br), nullptr);
}

TEST(block_recycler, a_block_given_back_is_taken_again) {
  block_recycler memory(1 << 20);
  auto* first = memory.take(1000);
  std::memset(first, 1, 1000);
  memory.give_back(first);
  EXPECT_EQ(memory.idle_bytes(), 1024u);
  EXPECT_EQ(memory.take(900), first);
  EXPECT_EQ(memory.idle_bytes(), 0u);
  memory.give_back(first);
}

TEST(block_recycler, idle_memory_has_a_cap_and_large_blocks_are_not_kept) {
  block_recycler memory(4096);
  auto *a = memory.take(2000), *b = memory.take(2000), *c = memory.take(2000);
  auto* large = memory.take(5 << 20);
  for (auto* block : {a, b, c, large})
    memory.give_back(block);
  EXPECT_EQ(memory.idle_bytes(), 4096u);
  EXPECT_EQ(memory.take(SIZE_MAX), nullptr);
  memory.give_back(nullptr);
}

} // namespace
} // namespace weir::net
