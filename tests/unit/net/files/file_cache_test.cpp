// Open files are believed for a while, then looked up again, and never more than allowed.
#include "net/files/file_cache.hpp"

#include "tests/support/file_tree.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

namespace weir::net {
namespace {

constexpr steady_time start{};

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

void set_modified(const std::string& path, std::int64_t seconds) {
  const timespec times[2] = {{seconds, 0}, {seconds, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
}

struct file_cache_test : testing::Test {
  test::file_tree tree;
  file_cache cache{{2, 1s}};
  file_lookup find(std::string_view path, steady_time now = start) {
    return cache.find(tree.root(), path, now);
  }
};

TEST_F(file_cache_test, a_file_is_opened_once_while_it_is_believed) {
  tree.write("a", "12345");
  const auto first = find("a").file;
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->size, 5u);
  EXPECT_EQ(find("a", start + 999ms).file, first);
  EXPECT_EQ(cache.hits(), 1u);
  EXPECT_EQ(cache.misses(), 1u);
}

TEST_F(file_cache_test, an_unchanged_file_keeps_its_descriptor) {
  tree.write("a", "1");
  const auto first = find("a").file;
  EXPECT_EQ(find("a", start + 1s).file, first);
  EXPECT_EQ(find("a", start + 1999ms).file, first);
  EXPECT_EQ(cache.misses(), 2u);
}

TEST_F(file_cache_test, a_changed_file_is_seen_after_that_time) {
  tree.write("a", "1");
  set_modified(tree.path("a"), 1000);
  const auto first = find("a").file;
  tree.write("a", "22");
  EXPECT_EQ(find("a", start + 500ms).file, first);
  const auto second = find("a", start + 1s).file;
  EXPECT_NE(second, first);
  EXPECT_EQ(second->size, 2u);
  set_modified(tree.path("a"), 1000);
  EXPECT_EQ(find("a", start + 2s).file->etag, "\"3e8-2\"");
}

TEST_F(file_cache_test, a_replaced_file_is_seen_though_size_and_time_are_the_same) {
  tree.write("a", "1");
  tree.write("b", "2");
  set_modified(tree.path("a"), 1000);
  set_modified(tree.path("b"), 1000);
  const auto first = find("a").file;
  std::filesystem::rename(tree.path("b"), tree.path("a"));
  EXPECT_NE(find("a", start + 1s).file, first);
}

TEST_F(file_cache_test, a_removed_file_is_forgotten) {
  tree.write("a", "1");
  find("a");
  std::filesystem::remove(tree.path("a"));
  EXPECT_EQ(find("a", start + 1s).status, lookup_status::not_found);
  EXPECT_EQ(cache.size(), 0u);
}

TEST_F(file_cache_test, the_least_recently_used_goes_first_and_no_descriptor_leaks) {
  for (const char* name : {"a", "b", "c"})
    tree.write(name, "1");
  const auto before = open_descriptors();
  find("a");
  find("b");
  find("a");
  find("c");
  EXPECT_EQ(cache.size(), 2u);
  EXPECT_EQ(open_descriptors(), before + 2);
  const auto hits = cache.hits();
  find("a");
  EXPECT_EQ(cache.hits(), hits + 1);
  find("b");
  EXPECT_EQ(cache.hits(), hits + 1) << "b was the one that went";
  cache.clear();
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(file_cache_test, who_still_sends_keeps_the_descriptor_open) {
  tree.write("a", "1");
  const auto file = find("a").file;
  cache.clear();
  char byte = 0;
  EXPECT_EQ(::pread(file->fd.get(), &byte, 1, 0), 1);
}

TEST_F(file_cache_test, roots_do_not_mix) {
  tree.write("x/y", "1");
  tree.write("y", "22");
  EXPECT_EQ(cache.find(tree.root(), "y", start).file->size, 2u);
  EXPECT_EQ(cache.find(tree.path("x"), "y", start).file->size, 1u);
}

TEST_F(file_cache_test, without_entries_nothing_is_kept) {
  tree.write("a", "1");
  file_cache none{{0, 1s}};
  EXPECT_NE(none.find(tree.root(), "a", start).file, nullptr);
  EXPECT_EQ(none.size(), 0u);
}

} // namespace
} // namespace weir::net
