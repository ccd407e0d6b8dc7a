// What the membership machine knows for the authority lease and the down ruling.
#include "cluster/membership.hpp"

#include "tests/support/sample_roster.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;
using test::numbered;

namespace {

const steady_time start = steady_time{} + 1h;

member_list_ptr list() {
  return std::make_shared<member_list>(
      member_list{7, {{numbered(1), "edge1", ""}, {numbered(2), "edge2", ""}}});
}

/// Edge 1 in its third life, linked to edge 2; has sent one heartbeat, at `start`.
membership linked() {
  membership out(numbered(1), 3, list(), {}, 1, start);
  out.step(link_opened{numbered(2), 5}, start);
  out.step(tick{}, start);
  return out;
}

heartbeat echo(std::uint64_t sequence, std::uint64_t of_life) {
  heartbeat out;
  out.sequence = 1;
  out.incarnation = 5;
  out.echo_sequence = sequence;
  out.echo_incarnation = of_life;
  out.list_epoch = 8;
  return out;
}

member_row hear(membership& machine, const heartbeat& body) {
  machine.step(message_received{numbered(2), 5, body}, start + 100ms);
  return machine.view(start + 100ms).members.at(1);
}

} // namespace

TEST(membership_machine, a_heartbeat_that_was_seen_counts_from_when_it_was_sent) {
  auto machine = linked();
  const auto row = hear(machine, echo(1, 3));
  EXPECT_EQ(row.acknowledged, start);
  EXPECT_EQ(row.list_epoch, 8u);
}

TEST(membership_machine, an_echo_of_an_earlier_life_or_of_nothing_we_sent_acknowledges_nothing) {
  for (const auto& body : {echo(1, 2), echo(1, 0), echo(2, 3), echo(0, 3)}) {
    auto machine = linked();
    EXPECT_EQ(hear(machine, body).acknowledged, steady_time{});
  }
}

TEST(membership_machine, says_in_each_heartbeat_whom_it_doubts_for_how_long_and_by_which_list) {
  auto machine = linked();
  hear(machine, echo(1, 3));
  EXPECT_TRUE(machine.reports(start + 100ms).at(0).doubted.empty());
  machine.step(link_closed{numbered(2), 5}, start + 200ms);
  const auto own = machine.reports(start + 2s).at(0);
  ASSERT_EQ(own.doubted.size(), 1u);
  EXPECT_EQ(own.doubted[0].of, numbered(2));
  EXPECT_EQ(own.doubted[0].since, start + 200ms);
  const auto out = machine.step(link_opened{numbered(2), 5}, start + 2s);
  const auto& sent = std::get<heartbeat>(out.send.at(0).body);
  EXPECT_EQ(sent.doubted, (std::vector<doubted_member>{{numbered(2), 1800ms}}));
  EXPECT_EQ(sent.list_epoch, 7u);
  EXPECT_EQ(sent.echo_incarnation, 5u);
}

TEST(membership_machine, hands_on_what_those_it_hears_say) {
  auto machine = linked();
  auto body = echo(1, 3);
  body.doubted = {{numbered(9), 4s}};
  hear(machine, body);
  auto reports = machine.reports(start + 150ms);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[1].by, numbered(2));
  EXPECT_EQ(reports[1].at, start + 100ms);
  EXPECT_EQ(reports[1].doubted.at(0).since, start + 100ms - 4s);
  machine.step(link_closed{numbered(2), 5}, start + 200ms);
  EXPECT_EQ(machine.reports(start + 200ms).size(), 1u) << "whom we doubt is no witness";
}
