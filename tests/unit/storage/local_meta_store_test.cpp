// The local MetaStore keeps the contract, survives reopening, a full disk and a broken one.
#include "storage/local_meta_store.hpp"

#include "storage/key_layout.hpp"
#include "tests/support/failing_disk.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/meta_contract.hpp"
#include "tests/support/temp_folder.hpp"

#include <rocksdb/db.h>

namespace weir::test {

namespace {

/// A clock that many threads may read while the test moves it.
class shared_clock final : public clock_source {
public:
  steady_time steady() const override {
    const std::lock_guard held(mutex_);
    return clock_.steady();
  }
  wall_time wall() const override {
    const std::lock_guard held(mutex_);
    return clock_.wall();
  }
  void advance(duration by) {
    const std::lock_guard held(mutex_);
    clock_.advance(by);
  }

private:
  mutable std::mutex mutex_;
  manual_clock clock_;
};

class local_engine : public meta_engine {
public:
  explicit local_engine(std::uint64_t history = 1000) : history_(history) { open(); }

  meta_store& store() override { return *store_; }
  void close() override { store_.reset(); }
  void compact() override {
    for (std::uint64_t i = 0; i <= history_; ++i)
      put(*store_, "filler", "");
  }
  void pass(std::chrono::seconds time) override { clock_.advance(time); }

  error_code try_open() {
    storage::local_meta_options options{
        {root_.path() / "meta", history_, 64u << 20, disk_.env.get()}, clock_, 5ms};
    auto opened = storage::local_meta_store::open(options);
    if (!opened) return opened.error();
    store_ = std::move(*opened);
    return {};
  }
  void open() { ASSERT_FALSE(try_open()); }
  failing_disk& disk() { return disk_; }
  std::string folder() const { return root_.path() / "meta"; }

private:
  temp_folder root_;
  shared_clock clock_;
  failing_disk disk_;
  std::uint64_t history_;
  std::unique_ptr<storage::local_meta_store> store_;
};

class local_meta_store_test : public testing::Test {
protected:
  meta_store& store() { return engine_.store(); }
  local_engine engine_;
};

} // namespace

INSTANTIATE_TEST_SUITE_P(local, meta_contract,
                         testing::Values(meta_engine_kind{"rocksdb", []() {
                                                            return std::unique_ptr<meta_engine>(
                                                                std::make_unique<local_engine>());
                                                          }}));

TEST_F(local_meta_store_test, everything_is_there_after_reopening) {
  const auto lease = grant(store(), 10s);
  ASSERT_TRUE(lease);
  const auto at = put(store(), "k/a", "1");
  put(store(), "k/b", "2", *lease);
  const auto before = read(store(), "");
  engine_.close();
  engine_.open();
  const auto after = read(store(), "");
  ASSERT_TRUE(after);
  EXPECT_EQ(after->revision, before->revision);
  EXPECT_EQ(after->entries, before->entries);
  watching watch(store(), "", at);
  EXPECT_EQ(watch.events(2).size(), 2u) << "history too";
  const auto next = grant(store(), 10s);
  ASSERT_TRUE(next);
  EXPECT_NE(*next, *lease) << "numbers are not given out twice";
  engine_.pass(9s);
  EXPECT_EQ(read(store(), "k/b")->entries.size(), 1u) << "a lease has its whole time anew";
  engine_.pass(2s);
  EXPECT_TRUE(watch.events(3).at(2).erased);
}

TEST_F(local_meta_store_test, a_full_disk_refuses_writes_reads_on_and_recovers_by_itself) {
  const auto at = put(store(), "k/a", "1");
  watching watch(store(), "k/", at);
  engine_.disk().fault = disk_fault::full;
  for (int i = 0; i < 3; ++i) {
    const auto done = commit(store(), {{}, {put_of("k/a", "2")}});
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error(), meta_errc::unavailable);
  }
  EXPECT_EQ(grant(store(), 5s).error(), meta_errc::unavailable);
  ASSERT_TRUE(read(store(), "k/"));
  EXPECT_EQ(read(store(), "k/")->entries.at(0).value, "1");
  EXPECT_EQ(read(store(), "")->revision, at);
  engine_.disk().fault = disk_fault::none;
  engine_.pass(2s);
  EXPECT_EQ(put(store(), "k/a", "3"), at + 1);
  const auto events = watch.events(2);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1].entry.value, "3");
  engine_.close();
  engine_.open();
  EXPECT_EQ(read(store(), "k/")->entries.at(0).value, "3");
}

TEST_F(local_meta_store_test, a_write_that_is_torn_by_a_full_disk_is_not_there) {
  const auto at = put(store(), "k/a", "1");
  engine_.disk().fault = disk_fault::torn;
  const std::string large(100'000, 'x');
  const auto done = commit(store(), {{}, {put_of("k/a", large), put_of("k/b", large)}});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), meta_errc::unavailable);
  EXPECT_EQ(read(store(), "")->revision, at);
  engine_.disk().fault = disk_fault::none;
  engine_.close();
  engine_.open();
  const auto found = read(store(), "");
  EXPECT_EQ(found->revision, at);
  ASSERT_EQ(found->entries.size(), 1u);
  EXPECT_EQ(found->entries[0].value, "1");
}

TEST_F(local_meta_store_test, a_broken_disk_says_so_and_recovers_by_itself) {
  const auto at = put(store(), "k/a", "1");
  engine_.disk().fault = disk_fault::broken;
  const auto done = commit(store(), {{}, {put_of("k/a", "2")}});
  ASSERT_FALSE(done);
  EXPECT_TRUE(done.error() == meta_errc::unavailable || done.error() == meta_errc::unknown);
  EXPECT_EQ(commit(store(), {{}, {put_of("k/a", "3")}}).error(), meta_errc::unavailable);
  engine_.disk().fault = disk_fault::none;
  engine_.pass(2s);
  EXPECT_EQ(put(store(), "k/b", "1"), at + 1);
  EXPECT_EQ(read(store(), "k/a")->entries.at(0).value, "1");
}

TEST_F(local_meta_store_test, a_disk_that_fills_up_under_a_lease_ends_it_later) {
  const auto lease = grant(store(), 2s);
  ASSERT_TRUE(lease);
  const auto at = put(store(), "k/a", "1", *lease);
  watching watch(store(), "k/", at + 1);
  engine_.disk().fault = disk_fault::full;
  engine_.pass(3s);
  EXPECT_EQ(commit(store(), {{}, {put_of("k/b", "1")}}).error(), meta_errc::unavailable);
  EXPECT_EQ(read(store(), "k/")->entries.size(), 1u);
  engine_.disk().fault = disk_fault::none;
  engine_.pass(4s);
  EXPECT_TRUE(watch.events(1).at(0).erased);
}

TEST_F(local_meta_store_test, a_folder_in_use_and_a_newer_store_are_refused) {
  put(store(), "k/a", "1");
  storage::local_meta_options second{{engine_.folder()}};
  EXPECT_EQ(storage::local_meta_store::open(second).error(), storage::errc::locked);
  engine_.close();
  {
    rocksdb::DB* raw = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open({}, engine_.folder(), &raw).ok());
    const std::unique_ptr<rocksdb::DB> newer(raw);
    ASSERT_TRUE(newer
                    ->Put({}, storage::make_meta_key(storage::meta_field::format),
                          storage::encode_number(storage::meta_format + 1))
                    .ok());
  }
  EXPECT_EQ(engine_.try_open(), storage::errc::newer_format);
}

} // namespace weir::test
