// The rows of the admin API say what the member view says, in times that passed.
#include "actors/admin_members.hpp"

#include <gtest/gtest.h>

namespace weir::actors {
namespace {

constexpr steady_time now{1h};

cluster::member_view view_of(cluster::member_row row) {
  cluster::member_view view;
  view.members.push_back(std::move(row));
  return view;
}

TEST(admin_members, a_living_member_has_a_rate_and_its_uptime_goes_on) {
  cluster::member_row row;
  row.name = "edge1";
  row.state = cluster::member_state::ready;
  row.rps = 412;
  row.uptime = 10s;
  row.last_heard = now - 200ms;
  row.rtt = 300us;
  const auto seen = admin_members(view_of(row), now).front();
  EXPECT_EQ(seen.name, "edge1");
  EXPECT_EQ(seen.state, "ready");
  EXPECT_EQ(seen.requests_per_second, 412u);
  EXPECT_EQ(seen.uptime, duration{10200ms});
  EXPECT_EQ(seen.last_heard, duration{200ms});
  EXPECT_EQ(seen.rtt, duration{300us});
}

TEST(admin_members, a_silent_member_has_no_rate_and_its_uptime_stands_still) {
  cluster::member_row row;
  row.state = cluster::member_state::suspect;
  row.rps = 412;
  row.uptime = 10s;
  row.last_heard = now - 2s;
  const auto seen = admin_members(view_of(row), now).front();
  EXPECT_EQ(seen.requests_per_second, std::nullopt);
  EXPECT_EQ(seen.uptime, duration{10s});
  EXPECT_EQ(seen.last_heard, duration{2s});
}

TEST(admin_members, a_member_never_heard_of_has_no_times) {
  const auto seen = admin_members(view_of({}), now).front();
  EXPECT_EQ(seen.state, "down");
  EXPECT_EQ(seen.last_heard, std::nullopt);
  EXPECT_EQ(seen.rtt, std::nullopt);
}

} // namespace
} // namespace weir::actors
