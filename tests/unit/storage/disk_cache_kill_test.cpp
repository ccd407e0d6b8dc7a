// A process that is killed while it writes the cache, over and over, leaves one that opens and
// tells no lies.
#include "tests/support/disk_tier.hpp"

#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <set>

using namespace weir;
using namespace weir::storage;
using test::make_object;
using test::object_key;

namespace {

constexpr auto folder_variable = "WEIR_TEST_CACHE_FOLDER";
constexpr int acknowledged = 3; // the descriptor on which the child tells that a round is on disk
constexpr int rounds = 8;
/// The folder counts with all its garbage; evicting for it would rightly take what was
/// acknowledged.
constexpr std::uint64_t ample = 4ull << 30;
constexpr int churned = 50;

std::string kept(int round, int number) {
  return "kept/" + std::to_string(round) + "/" + std::to_string(number);
}

/// Starts this program anew as a writer; forking alone would leave RocksDB's threads behind.
pid_t start_writer(const std::string& folder, int round, int tell) {
  const auto round_text = std::to_string(round);
  const pid_t child = fork();
  if (child != 0) return child;
  ::setenv(folder_variable, folder.c_str(), 1);
  ::setenv("WEIR_TEST_ROUND", round_text.c_str(), 1);
  ::dup2(tell, acknowledged);
  ::execl("/proc/self/exe", "storage_unit_tests", "--gtest_filter=disk_cache_kill.writer",
          "--gtest_brief=1", nullptr);
  ::_exit(127);
}

} // namespace

/// The child: ten objects that stay and ten that are erased, told when they are on disk; then churn
/// until it is killed.
TEST(disk_cache_kill, writer) {
  const char* folder = std::getenv(folder_variable);
  if (folder == nullptr) GTEST_SKIP() << "is started by the other test";
  const int round = std::atoi(std::getenv("WEIR_TEST_ROUND"));
  test::disk_tier tier(folder);
  tier.bytes = ample;
  tier.open();
  for (int i = 0; i < 10; ++i) {
    tier.cache().store(make_object(kept(round, i), 1000u << i));
    tier.cache().store(make_object("erased/" + std::to_string(i), 3000));
  }
  tier.wait_written();
  for (int i = 0; i < 10; ++i)
    tier.cache().erase(object_key("erased/" + std::to_string(i)));
  tier.wait_written();
  ASSERT_EQ(::write(acknowledged, "k", 1), 1);
  random_source random(static_cast<std::uint64_t>(round));
  for (std::uint64_t i = 0; i < 10'000'000; ++i) {
    const auto name = "churn/" + std::to_string(random.below(churned));
    if (random.below(4) == 0)
      tier.cache().erase(object_key(name));
    else
      tier.cache().store(make_object(name, random.below(1'500'000), std::to_string(i)));
    if (i % 50 == 0 && ::write(acknowledged, "c", 1) != 1) return;
  }
}

TEST(disk_cache_kill, kill_9_at_any_moment_leaves_a_cache_that_opens_and_is_right) {
  test::temp_folder root;
  const std::string folder = root.path() / "cache";
  for (int round = 0; round < rounds; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = start_writer(folder, round, pipe_ends[1]);
    ::close(pipe_ends[1]);
    char told = 0;
    for (int marks = 0; marks <= round * 3; ++marks)
      ASSERT_EQ(::read(pipe_ends[0], &told, 1), 1) << "the writer ended by itself";
    ::kill(child, SIGKILL);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);
    ::close(pipe_ends[0]);

    test::disk_tier tier(folder);
    tier.bytes = ample;
    tier.open();
    ASSERT_EQ(tier.stats().errors, 0u);
    ASSERT_GT(tier.stats().objects, 0u) << "not begun anew";
    for (int i = 0; i < 10; ++i) {
      const auto name = kept(round, i);
      const auto object = tier.get(name);
      ASSERT_TRUE(object) << name << " was acknowledged";
      EXPECT_EQ(test::body_of(*object), test::body_of(*make_object(name, 1000u << i)));
      EXPECT_EQ(tier.get("erased/" + std::to_string(i)), nullptr);
    }
    for (int i = 0; i < churned; ++i) {
      const auto name = "churn/" + std::to_string(i);
      const auto object = tier.get(name);
      if (!object) continue;
      const auto version = object->meta().substr(object->meta().rfind(' ') + 1);
      EXPECT_EQ(test::body_of(*object),
                test::body_of(*make_object(name, object->body_bytes(), version)));
    }
    tier.shut();
  }
}
