// The cache's database: what was written is read, also after reopening; what was wiped or erased is
// not.
#include "storage/cache_db.hpp"

#include "storage/errc.hpp"
#include "storage/key_layout.hpp"
#include "tests/support/cached_object.hpp"
#include "tests/support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <map>

using namespace weir;
using namespace weir::storage;
using test::make_object;
using test::object_key;

namespace {

constexpr std::uint64_t budget = 64u << 20;

class cache_db_test : public testing::Test {
protected:
  cache_db_options options() const {
    return {.folder = root_.path() / "cache", .bytes = budget, .secret = test::object_secret};
  }
  void open() {
    db_.reset();
    auto opened = cache_db::open(options());
    ASSERT_TRUE(opened) << opened.error().message();
    db_ = std::move(*opened);
  }
  void SetUp() override { open(); }

  disk_facts put(const stored_object_ptr& object, const disk_facts* before = nullptr) {
    const auto facts = facts_of(*object, ++stamp_);
    cache_db::batch batch(*db_);
    batch.put(*object, facts, before);
    EXPECT_TRUE(db_->write(batch, false));
    return facts;
  }
  void erase(const cache_key& key, std::uint8_t segments) {
    cache_db::batch batch(*db_);
    batch.erase(key, segments);
    EXPECT_TRUE(db_->write(batch, true));
  }
  stored_object_ptr read(const std::string& name, const disk_facts& facts) {
    auto object = db_->read(object_key(name), facts);
    EXPECT_TRUE(object);
    return object ? *object : nullptr;
  }
  std::size_t objects() {
    std::size_t count = 0;
    EXPECT_TRUE(db_->load([&](const cache_key&, const disk_facts&) { ++count; }));
    return count;
  }

  test::temp_folder root_;
  std::unique_ptr<cache_db> db_;
  std::uint64_t stamp_ = 0;
};

} // namespace

TEST_F(cache_db_test, objects_of_every_size_come_back_whole) {
  std::map<std::string, std::pair<stored_object_ptr, disk_facts>> written;
  for (const std::size_t bytes : {std::size_t{2}, std::size_t{10'000}, std::size_t{20'000},
                                  inline_body_max, inline_body_max + 1, 3 * segment_bytes + 7}) {
    const auto name = "object of " + std::to_string(bytes);
    const auto object = make_object(name, bytes);
    written[name] = {object, put(object)};
  }
  for (const bool reopened : {false, true}) {
    if (reopened) open();
    EXPECT_EQ(objects(), written.size());
    for (const auto& [name, what] : written) {
      const auto found = read(name, what.second);
      ASSERT_TRUE(found) << name;
      EXPECT_EQ(found->key_text(), name);
      EXPECT_EQ(found->meta(), what.first->meta());
      EXPECT_EQ(found->expires(), what.first->expires());
      EXPECT_EQ(test::body_of(*found), test::body_of(*what.first));
    }
  }
}

TEST_F(cache_db_test, load_tells_the_facts_as_written) {
  const auto facts = put(make_object("a", 2 * segment_bytes));
  std::map<std::uint64_t, disk_facts> seen;
  ASSERT_TRUE(
      db_->load([&](const cache_key& key, const disk_facts& each) { seen[key.low] = each; }));
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[object_key("a").low], facts);
}

TEST_F(cache_db_test, a_shorter_version_leaves_nothing_of_the_longer) {
  const auto old = put(make_object("a", 5 * segment_bytes, "old"));
  const auto fresh = put(make_object("a", 2 * segment_bytes, "new"), &old);
  const auto found = read("a", fresh);
  ASSERT_TRUE(found);
  EXPECT_EQ(test::body_of(*found), test::body_of(*make_object("a", 2 * segment_bytes, "new")));
  EXPECT_EQ(read("a", old), nullptr) << "of an outdated write";
  erase(object_key("a"), fresh.segments);
  EXPECT_EQ(read("a", fresh), nullptr);
  EXPECT_EQ(objects(), 0u);
}

TEST_F(cache_db_test, a_wipe_is_for_good) {
  const auto facts = put(make_object("a", segment_bytes));
  ASSERT_TRUE(db_->wipe());
  EXPECT_EQ(read("a", facts), nullptr);
  const auto after = put(make_object("b"));
  open();
  EXPECT_EQ(objects(), 1u);
  EXPECT_EQ(read("a", facts), nullptr);
  EXPECT_NE(read("b", after), nullptr);
}

TEST_F(cache_db_test, a_wipe_that_a_crash_cut_short_is_finished) {
  const auto facts = put(make_object("a"));
  db_.reset();
  {
    rocksdb::DB* raw = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    ASSERT_TRUE(rocksdb::DB::Open({}, options().folder,
                                  {{"default", {}}, {"facts", {}}, {"records", {}}}, &handles, &raw)
                    .ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    EXPECT_TRUE(db->Put({}, handles[0], "wiping", encode_number(1)).ok());
    for (auto* each : handles)
      db->DestroyColumnFamilyHandle(each);
  }
  open();
  EXPECT_EQ(objects(), 0u);
  EXPECT_EQ(read("a", facts), nullptr);
}

TEST_F(cache_db_test, the_hot_list_keeps_its_order) {
  EXPECT_TRUE(db_->hot_keys()->empty());
  const std::vector<cache_key> keys{object_key("c"), object_key("a"), object_key("b")};
  ASSERT_TRUE(db_->save_hot_keys(keys));
  open();
  EXPECT_EQ(*db_->hot_keys(), keys);
}

TEST_F(cache_db_test, another_secret_or_format_is_of_no_use) {
  db_.reset();
  auto other = options();
  other.secret = {1, 2};
  EXPECT_EQ(cache_db::open(other).error(), errc::newer_format);
  {
    rocksdb::DB* raw = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    ASSERT_TRUE(rocksdb::DB::Open({}, other.folder,
                                  {{"default", {}}, {"facts", {}}, {"records", {}}}, &handles, &raw)
                    .ok());
    const std::unique_ptr<rocksdb::DB> db(raw);
    EXPECT_TRUE(db->Put({}, handles[0], "format", encode_number(cache_format + 1)).ok());
    for (auto* each : handles)
      db->DestroyColumnFamilyHandle(each);
  }
  EXPECT_EQ(cache_db::open(options()).error(), errc::newer_format);
  cache_db::discard(options().folder);
  open();
}

TEST_F(cache_db_test, a_second_user_of_the_folder_is_told_so) {
  EXPECT_EQ(cache_db::open(options()).error(), errc::locked);
  auto nowhere = options();
  nowhere.folder = "/proc/no/such";
  EXPECT_EQ(cache_db::open(nowhere).error(), errc::no_folder);
}

TEST_F(cache_db_test, reclaiming_gives_the_space_back) {
  std::atomic<bool> canceled{false};
  std::vector<disk_facts> facts;
  for (int i = 0; i < 60; ++i)
    facts.push_back(put(make_object("n" + std::to_string(i), segment_bytes / 2)));
  ASSERT_TRUE(db_->reclaim(canceled));
  EXPECT_GT(db_->disk_bytes(), 20u << 20);
  for (int i = 0; i < 60; ++i)
    erase(object_key("n" + std::to_string(i)), facts[static_cast<std::size_t>(i)].segments);
  ASSERT_TRUE(db_->reclaim(canceled));
  EXPECT_LT(db_->disk_bytes(), 3u << 20);
}
