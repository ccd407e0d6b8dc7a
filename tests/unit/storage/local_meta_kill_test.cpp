// A process that is killed while it commits, over and over, has lost nothing that it acknowledged
// and done nothing by halves.
#include "base/random.hpp"
#include "storage/local_meta_store.hpp"
#include "tests/support/meta_client.hpp"
#include "tests/support/temp_folder.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace weir::test {

namespace {

constexpr auto folder_variable = "WEIR_TEST_META_FOLDER";
constexpr int acknowledged = 3; // the descriptor on which the child tells what was committed
constexpr int rounds = 20;
constexpr int keys = 5;

std::unique_ptr<storage::local_meta_store> open_store(const std::string& folder) {
  // A short history, so that compaction is killed too.
  auto opened = storage::local_meta_store::open({{folder, 50}});
  EXPECT_TRUE(opened) << opened.error().message();
  return opened ? std::move(*opened) : nullptr;
}

std::string key_of(int number) {
  return "k/" + std::to_string(number);
}

/// Starts this program anew as a writer; forking alone would leave RocksDB's threads behind.
pid_t start_writer(const std::string& folder, int tell) {
  const pid_t child = fork();
  if (child != 0) return child;
  ::setenv(folder_variable, folder.c_str(), 1);
  ::dup2(tell, acknowledged);
  ::execl("/proc/self/exe", "storage_unit_tests", "--gtest_filter=local_meta_kill.writer",
          "--gtest_brief=1", nullptr);
  ::_exit(127);
}

} // namespace

/// The child: counts up on all keys at once for ever, and tells every number that was acknowledged.
TEST(local_meta_kill, writer) {
  const char* folder = std::getenv(folder_variable);
  if (folder == nullptr) GTEST_SKIP() << "is started by the other test";
  const auto store = open_store(folder);
  const auto found = read(*store, key_of(0));
  std::uint64_t count = found->entries.empty() ? 0 : std::stoull(found->entries[0].value);
  for (;;) {
    meta_transaction next;
    ++count;
    const auto text = std::to_string(count).append(" ").append(count % 3000, 'x');
    for (int i = 0; i < keys; ++i)
      next.changes.push_back(put_of(key_of(i), text));
    const auto done = commit(*store, std::move(next));
    if (!done || ::write(acknowledged, &count, sizeof count) < 0) return;
  }
}

TEST(local_meta_kill, kill_9_at_any_moment_loses_nothing_and_halves_nothing) {
  temp_folder root;
  const std::string folder = root.path() / "meta";
  std::uint64_t last = 0;
  random_source random(4711);
  for (int round = 0; round < rounds; ++round) {
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = start_writer(folder, ends[1]);
    ::close(ends[1]);
    const auto stop_after = last + 1 + random.below(60);
    while (last < stop_after)
      ASSERT_EQ(::read(ends[0], &last, sizeof last), static_cast<ssize_t>(sizeof last))
          << "the writer ended by itself";
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    for (std::uint64_t more = 0; ::read(ends[0], &more, sizeof more) == sizeof more;)
      last = more;
    ::close(ends[0]);

    const auto store = open_store(folder);
    ASSERT_TRUE(store);
    const auto found = read(*store, "k/");
    ASSERT_TRUE(found);
    ASSERT_EQ(found->entries.size(), std::size_t{keys});
    const auto number = std::stoull(found->entries[0].value);
    EXPECT_GE(number, last) << "an acknowledged commit is lost";
    EXPECT_LE(number, last + 1) << "more than was asked for";
    EXPECT_EQ(found->revision, number + 1) << "each commit is one revision";
    for (const auto& entry : found->entries)
      EXPECT_EQ(entry.value, found->entries[0].value) << "half a transaction";
    watching watch(*store, "k/", found->revision);
    EXPECT_EQ(watch.events(keys).size(), std::size_t{keys}) << "history is behind";
    last = number;
  }
}

} // namespace weir::test
