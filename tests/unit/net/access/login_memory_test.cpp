// What is remembered of verified credentials, for how long, and how much of it.
#include "net/access/login_memory.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

TEST(login_memory, knows_what_it_was_told_until_its_time_is_over) {
  login_memory memory({1, 2}, 10, 5min);
  const steady_time now{1h};
  const auto key = memory.key_of("hash", "ann", "secret");
  EXPECT_FALSE(memory.knows(key, now));
  memory.remember(key, now);
  EXPECT_TRUE(memory.knows(key, now + 299s));
  EXPECT_FALSE(memory.knows(key, now + 300s));
  EXPECT_EQ(memory.size(), 0u);
}

TEST(login_memory, every_part_and_the_secret_make_another_key) {
  const login_memory memory({1, 2}, 10, 5min);
  const auto key = memory.key_of("hash", "ann", "secret");
  EXPECT_NE(key, memory.key_of("hash2", "ann", "secret"));
  EXPECT_NE(key, memory.key_of("hash", "anns", "ecret"));
  EXPECT_NE(key, memory.key_of("hash", "ann", "Secret"));
  EXPECT_NE(key, login_memory({1, 3}, 10, 5min).key_of("hash", "ann", "secret"));
}

TEST(login_memory, has_a_bound_and_forgets_what_is_over_first) {
  login_memory memory({1, 2}, 3, 5min);
  const steady_time now{1h};
  const auto key = [&](int i) { return memory.key_of("h", "u", std::to_string(i)); };
  memory.remember(key(0), now);
  memory.remember(key(1), now + 4min);
  memory.remember(key(2), now + 4min);
  memory.remember(key(3), now + 6min);
  EXPECT_EQ(memory.size(), 3u);
  for (int i = 1; i <= 3; ++i)
    EXPECT_TRUE(memory.knows(key(i), now + 6min)) << i;
  for (int i = 4; i < 100; ++i) {
    memory.remember(key(i), now + 6min);
    EXPECT_EQ(memory.size(), 3u);
    EXPECT_TRUE(memory.knows(key(i), now + 6min));
  }
}

} // namespace
} // namespace weir::net
