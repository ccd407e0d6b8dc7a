// How many TLS handshake steps fit into one round.
#include "net/proxy/handshake_budget.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

TEST(handshake_budget, each_round_has_its_own_share) {
  handshake_budget budget;
  for (int round = 1; round < 4; ++round) {
    const auto now = steady_time{} + std::chrono::seconds(round);
    for (int i = 0; i < handshake_budget::steps_per_round; ++i)
      EXPECT_TRUE(budget.take(now));
    EXPECT_FALSE(budget.take(now));
    EXPECT_FALSE(budget.take(now));
  }
}

} // namespace
} // namespace weir::net
