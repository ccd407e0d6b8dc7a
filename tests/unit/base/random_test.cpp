// A seed replays everything; bounds hold.
#include "base/random.hpp"

#include <array>
#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(random_source, the_same_seed_gives_the_same_numbers) {
  random_source a(7);
  random_source b(7);
  random_source c(8);
  const auto first = a();
  EXPECT_EQ(first, b());
  EXPECT_NE(first, c());
}

TEST(random_source, below_reaches_every_value_and_never_the_bound) {
  random_source random(1);
  std::array<int, 7> seen{};
  for (int i = 0; i < 7000; ++i)
    ++seen.at(random.below(7));
  for (const auto count : seen)
    EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(random.below(1), 0u);
}

TEST(random_source, jitter_stays_within_its_fraction) {
  random_source random(3);
  for (int i = 0; i < 1000; ++i) {
    const auto value = random.jitter(1s, 0.2);
    EXPECT_GE(value, 800ms);
    EXPECT_LE(value, 1200ms);
  }
  EXPECT_EQ(random.jitter(1s, 0.0), 1s);
}

TEST(random_source, unit_stays_below_one) {
  random_source random(5);
  for (int i = 0; i < 1000; ++i) {
    const auto value = random.unit();
    EXPECT_GE(value, 0.0);
    EXPECT_LT(value, 1.0);
  }
}

} // namespace
} // namespace weir
