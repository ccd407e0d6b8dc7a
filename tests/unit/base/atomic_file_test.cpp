// A file is replaced whole, with its mode, or stays as it was.
#include "base/atomic_file.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace fs = std::filesystem;
using namespace weir;

namespace {

class atomic_file_test : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "weir-file-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
  }
  void TearDown() override { fs::remove_all(root_); }

  fs::path root_;
};

} // namespace

TEST_F(atomic_file_test, writes_and_replaces_with_the_mode_asked_for) {
  const std::string path = root_ / "a";
  ASSERT_TRUE(write_file_atomically(path, "one"));
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_TRUE(write_file_atomically(path, "two", 0644));
  EXPECT_EQ(read_small_file(path).value(), "two");
  EXPECT_EQ(fs::status(path).permissions(), static_cast<fs::perms>(0644));
}

TEST_F(atomic_file_test, a_failure_leaves_the_old_file_and_no_litter) {
  fs::create_directory(root_ / "taken");
  EXPECT_FALSE(write_file_atomically(root_ / "taken", "x"));
  EXPECT_FALSE(write_file_atomically(root_ / "missing/a", "x"));
  EXPECT_EQ(std::distance(fs::directory_iterator(root_), fs::directory_iterator{}), 1);
}

TEST_F(atomic_file_test, a_file_over_the_bound_is_refused) {
  const std::string path = root_ / "big";
  ASSERT_TRUE(write_file_atomically(path, std::string(100, 'x')));
  EXPECT_TRUE(read_small_file(path, 100));
  EXPECT_FALSE(read_small_file(path, 99));
  EXPECT_FALSE(read_small_file(root_ / "missing"));
}
