// How long a tunnel may stand still, by a clock that the test moves.
#include "net/proxy/tunnel_clock.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using namespace std::chrono_literals;

const steady_time start = steady_time{} + 1000h;
const tunnel_limits limits{1h, 60s, 30s};

TEST(tunnel_clock, a_silent_tunnel_lives_until_its_idle_limit_and_a_ping_renews_it) {
  tunnel_clock clock(limits, start);
  EXPECT_EQ(clock.deadline(), start + 1h);
  clock.moved(tunnel_way::down, start + 50min);
  EXPECT_EQ(clock.deadline(), start + 110min);
  clock.moved(tunnel_way::up, start + 100min);
  EXPECT_EQ(clock.deadline(), start + 160min);
  EXPECT_EQ(clock.meaning(), tunnel_end::idle_timeout);
}

TEST(tunnel_clock, pings_every_half_hour_keep_it_for_days) {
  tunnel_clock clock(limits, start);
  for (auto now = start; now < start + 72h; now += 30min) {
    EXPECT_GT(clock.deadline(), now);
    clock.moved(tunnel_way::up, now);
  }
}

TEST(tunnel_clock, a_side_that_takes_nothing_is_cut_although_the_other_way_moves) {
  tunnel_clock clock(limits, start);
  clock.moved(tunnel_way::down, start + 10s);
  clock.set_blocked(tunnel_way::down, true);
  clock.moved(tunnel_way::up, start + 25s);
  EXPECT_EQ(clock.deadline(), start + 40s);
  EXPECT_EQ(clock.meaning(), tunnel_end::write_timeout);
  clock.set_blocked(tunnel_way::down, false);
  EXPECT_EQ(clock.deadline(), start + 25s + 1h);
}

TEST(tunnel_clock, half_a_tunnel_is_not_kept_for_long_in_silence) {
  tunnel_clock clock(limits, start);
  clock.set_half_closed();
  EXPECT_EQ(clock.deadline(), start + 60s);
  clock.moved(tunnel_way::down, start + 59s);
  EXPECT_EQ(clock.deadline(), start + 119s);
  EXPECT_EQ(clock.meaning(), tunnel_end::idle_timeout);
}

TEST(tunnel_clock, half_a_tunnel_never_lives_longer_than_a_whole_one) {
  tunnel_clock clock({10s, 60s, 30s}, start);
  clock.set_half_closed();
  EXPECT_EQ(clock.deadline(), start + 10s);
}

} // namespace
} // namespace weir::net
