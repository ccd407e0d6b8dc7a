// The mirror has one whole snapshot, the last one, whatever happens to the disk or the process.
#include "storage/meta_mirror.hpp"

#include "tests/support/failing_disk.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>

namespace weir::storage {
namespace {

class meta_mirror_test : public testing::Test {
protected:
  std::unique_ptr<meta_mirror> open() {
    auto opened = meta_mirror::open(folder_, disk_.env.get());
    EXPECT_TRUE(opened) << opened.error().message();
    return opened ? std::move(*opened) : nullptr;
  }

  test::failing_disk disk_; // outlives the mirror
  test::temp_folder root_;
  std::string folder_ = root_.path() / "mirror";
};

const meta_snapshot first{7, {{"a", "1", 2, 2, 0}, {"b", "2", 3, 7, 5}}};

TEST_F(meta_mirror_test, is_empty_at_first) {
  const auto mirror = open();
  EXPECT_EQ(mirror->revision(), 0u);
  EXPECT_TRUE(mirror->load()->entries.empty());
}

TEST_F(meta_mirror_test, a_snapshot_replaces_everything_and_survives_reopening) {
  ASSERT_TRUE(open()->store(first));
  const auto mirror = open();
  EXPECT_EQ(mirror->revision(), 7u);
  EXPECT_EQ(mirror->load()->entries, first.entries);
  const meta_snapshot restored{4, {{"b", "old", 3, 4, 0}}};
  ASSERT_TRUE(mirror->store(restored));
  EXPECT_EQ(mirror->revision(), 4u) << "a restored cluster begins lower";
  EXPECT_EQ(mirror->load()->entries, restored.entries);
}

TEST_F(meta_mirror_test, events_go_on_from_the_snapshot_once) {
  auto mirror = open();
  ASSERT_TRUE(mirror->store(first));
  const std::vector<meta_event> events{{true, {"b", "", 0, 7, 0}}, // is in the snapshot already
                                       {false, {"c", "3", 8, 8, 0}},
                                       {true, {"a", "", 0, 9, 0}}};
  ASSERT_TRUE(mirror->apply(events));
  ASSERT_TRUE(mirror->apply(events)) << "again, after a reconnect";
  mirror.reset();
  mirror = open();
  EXPECT_EQ(mirror->revision(), 9u);
  EXPECT_EQ(mirror->load()->entries,
            (std::vector<meta_entry>{{"b", "2", 3, 7, 5}, {"c", "3", 8, 8, 0}}));
  ASSERT_TRUE(mirror->clear());
  EXPECT_EQ(mirror->revision(), 0u);
  EXPECT_TRUE(mirror->load()->entries.empty());
}

TEST_F(meta_mirror_test, on_a_full_disk_the_last_snapshot_stands) {
  {
    const auto mirror = open();
    ASSERT_TRUE(mirror->store(first));
    disk_.fault = test::disk_fault::full;
    EXPECT_EQ(mirror->store({9, {}}).error(), errc::disk_full);
    EXPECT_EQ(mirror->revision(), 7u);
    EXPECT_EQ(mirror->load()->entries, first.entries);
    disk_.fault = test::disk_fault::none;
  }
  EXPECT_EQ(open()->load()->entries, first.entries);
}

TEST_F(meta_mirror_test, a_folder_in_use_is_refused) {
  const auto mirror = open();
  EXPECT_EQ(meta_mirror::open(folder_).error(), errc::locked);
}

} // namespace
} // namespace weir::storage
