// The state store remembers across reopening, kill -9 and a torn log, and belongs to one process at
// a time.
#include "storage/state_store.hpp"

#include "storage/errc.hpp"
#include "storage/key_layout.hpp"

#include <gtest/gtest.h>
#include <rocksdb/db.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

namespace fs = std::filesystem;
using weir::node_id;
using weir::storage::errc;
using weir::storage::state_store;

namespace {

const auto first_id = *node_id::parse("000000000000000000000000000000aa");
const auto other_id = *node_id::parse("000000000000000000000000000000bb");

class state_store_test : public testing::Test {
protected:
  void SetUp() override {
    std::string pattern = fs::temp_directory_path() / "weir-state-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    root_ = pattern;
    folder_ = root_ / "state";
  }
  void TearDown() override { fs::remove_all(root_); }

  std::unique_ptr<state_store> open() {
    auto store = state_store::open(folder_);
    if (!store) throw std::runtime_error(store.error().message());
    return std::move(*store);
  }

  /// The newest write-ahead log of the closed store.
  fs::path log_file() const {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(folder_))
      if (entry.path().extension() == ".log" && entry.path() > newest) newest = entry.path();
    return newest;
  }

  fs::path root_;
  fs::path folder_;
};

/// In the child of kill_test: counts starts for ever, telling each one that was acknowledged.
[[noreturn]] void count_starts(const std::string& folder, int acknowledged) {
  auto store = state_store::open(folder);
  if (!store) _exit(1);
  for (;;) {
    auto facts = (*store)->begin_life(std::nullopt, first_id);
    if (!facts) _exit(2);
    if (::write(acknowledged, &facts->incarnation, sizeof facts->incarnation) < 0) _exit(3);
  }
}

} // namespace

TEST_F(state_store_test, a_new_node_takes_the_fresh_id_and_keeps_it) {
  const auto first = open()->begin_life(std::nullopt, first_id);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->id, first_id);
  EXPECT_EQ(first->incarnation, 1u);
  EXPECT_FALSE(first->drained);
  const auto second = open()->begin_life(std::nullopt, other_id);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->id, first_id);
  EXPECT_EQ(second->incarnation, 2u);
}

TEST_F(state_store_test, bans_are_kept_until_they_are_erased) {
  using weir::storage::ban_record;
  ban_record one{{{1, 2, 3}, 24}, 5, 6, true, "why"};
  ban_record other{{{1, 2, 3}, 25}, 7, 8, false, ""};
  {
    const auto store = open();
    EXPECT_TRUE(store->bans()->empty());
    ASSERT_TRUE(store->put_ban(one));
    ASSERT_TRUE(store->put_ban(other));
    one.until_ms = 9;
    ASSERT_TRUE(store->put_ban(one));
    ASSERT_TRUE(store->set_drained(true)); // a neighbour in the same store
  }
  {
    const auto store = open();
    EXPECT_EQ(*store->bans(), (std::vector<ban_record>{one, other}));
    ASSERT_TRUE(store->erase_ban(one.network));
    ASSERT_TRUE(store->erase_ban(one.network)); // twice does no harm
  }
  EXPECT_EQ(*open()->bans(), std::vector<ban_record>{other});
}

TEST_F(state_store_test, the_certificates_id_wins_and_is_kept) {
  ASSERT_TRUE(open()->begin_life(std::nullopt, first_id));
  EXPECT_EQ(open()->begin_life(other_id, first_id)->id, other_id);
  EXPECT_EQ(open()->begin_life(std::nullopt, first_id)->id, other_id);
}

TEST_F(state_store_test, drained_survives_a_restart) {
  ASSERT_TRUE(open()->set_drained(true));
  EXPECT_TRUE(open()->begin_life(std::nullopt, first_id)->drained);
  ASSERT_TRUE(open()->set_drained(false));
  EXPECT_FALSE(open()->begin_life(std::nullopt, first_id)->drained);
}

TEST_F(state_store_test, a_second_user_of_the_folder_is_told_so) {
  const auto holder = open();
  EXPECT_EQ(state_store::open(folder_).error(), errc::locked);
  const pid_t child = fork();
  if (child == 0) _exit(state_store::open(folder_).error() == errc::locked ? 0 : 1);
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "another process opened the folder too";
}

TEST_F(state_store_test, the_folder_is_for_its_owner_only) {
  open();
  EXPECT_EQ(fs::status(folder_).permissions(), fs::perms::owner_all);
}

TEST_F(state_store_test, a_folder_that_cannot_be_made_is_an_error) {
  EXPECT_EQ(state_store::open("/proc/no/such").error(), errc::no_folder);
}

TEST_F(state_store_test, no_acknowledged_start_is_lost_by_kill_9) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t child = fork();
  if (child == 0) count_starts(folder_, pipe_ends[1]);
  close(pipe_ends[1]);
  std::uint64_t last = 0;
  while (last < 25)
    ASSERT_EQ(read(pipe_ends[0], &last, sizeof last), static_cast<ssize_t>(sizeof last));
  kill(child, SIGKILL);
  ASSERT_EQ(waitpid(child, nullptr, 0), child);
  for (std::uint64_t more = 0;
       read(pipe_ends[0], &more, sizeof more) == static_cast<ssize_t>(sizeof more);)
    last = more;
  close(pipe_ends[0]);
  const auto facts = open()->begin_life(std::nullopt, other_id);
  ASSERT_TRUE(facts);
  EXPECT_GT(facts->incarnation, last);
  EXPECT_EQ(facts->id, first_id);
}

TEST_F(state_store_test, a_write_torn_at_the_end_of_the_log_costs_that_write_only) {
  {
    auto store = open();
    ASSERT_TRUE(store->begin_life(std::nullopt, first_id));
    ASSERT_TRUE(store->begin_life(std::nullopt, first_id));
  }
  const auto log = log_file();
  ASSERT_GT(fs::file_size(log), 5u);
  fs::resize_file(log, fs::file_size(log) - 5);
  EXPECT_EQ(open()->begin_life(std::nullopt, other_id)->incarnation, 2u)
      << "the second start was torn off";
  EXPECT_EQ(open()->begin_life(std::nullopt, other_id)->id, first_id);
}

TEST_F(state_store_test, a_damaged_store_is_refused_and_not_emptied) {
  ASSERT_TRUE(open()->begin_life(std::nullopt, first_id));
  fs::resize_file(folder_ / "CURRENT", 3);
  auto damaged = state_store::open(folder_);
  ASSERT_FALSE(damaged);
  EXPECT_TRUE(damaged.error() == errc::corrupt || damaged.error() == errc::io_error);
}

TEST_F(state_store_test, a_store_of_a_newer_program_is_refused) {
  open();
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open({}, folder_, &raw).ok());
  const std::unique_ptr<rocksdb::DB> newer(raw);
  using namespace weir::storage;
  ASSERT_TRUE(newer->Put({}, make_key(store_field::format), encode_number(store_format + 1)).ok());
  ASSERT_TRUE(newer->Close().ok());
  EXPECT_EQ(state_store::open(folder_).error(), errc::newer_format);
}

TEST_F(state_store_test, writes_are_counted) {
  auto store = open();
  const auto before = store->stats().writes.load();
  ASSERT_TRUE(store->set_drained(true));
  EXPECT_EQ(store->stats().writes.load(), before + 1);
  EXPECT_EQ(store->stats().failures.load(), 0u);
}
