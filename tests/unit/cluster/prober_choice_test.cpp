// One prober a server, and who takes over.
#include "cluster/prober_choice.hpp"

#include "tests/support/sample_roster.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;
using test::numbered;

namespace {

const steady_time start = steady_time{} + 1h;

std::vector<node_id> nodes(std::uint8_t count) {
  std::vector<node_id> out;
  for (std::uint8_t n = 1; n <= count; ++n)
    out.push_back(numbered(n));
  return out;
}

std::set<std::string, std::less<>> servers(int count) {
  std::set<std::string, std::less<>> out;
  for (int n = 0; n < count; ++n)
    out.insert("app/10.0.0." + std::to_string(n) + ":80");
  return out;
}

prober_choice choice_of(std::uint8_t n, std::vector<node_id> live) {
  prober_choice out(numbered(n));
  out.members(std::move(live));
  out.servers(servers(300), start);
  return out;
}

} // namespace

TEST(prober_order, is_everyones_same_and_fair_and_moves_little) {
  std::map<node_id, int> firsts;
  for (const auto& server : servers(300)) {
    const auto order = prober_order(server, nodes(3));
    ++firsts[order[0]];
    EXPECT_EQ(order, prober_order(server, {numbered(3), numbered(1), numbered(2)}));
    auto without = order;
    std::erase(without, numbered(2));
    EXPECT_EQ(prober_order(server, {numbered(1), numbered(3)}), without);
  }
  for (const auto& [id, count] : firsts)
    EXPECT_NEAR(count, 100, 30);
}

TEST(prober_choice, each_server_has_one_prober) {
  std::vector<prober_choice> all;
  for (std::uint8_t n = 1; n <= 3; ++n)
    all.push_back(choice_of(n, nodes(3)));
  for (const auto& server : servers(300)) {
    int probers = 0;
    for (const auto& each : all)
      probers += each.is_ours(server, 2s, start);
    EXPECT_EQ(probers, 1) << server;
  }
}

TEST(prober_choice, a_silent_prober_is_relieved_within_two_intervals_by_one_after_the_other) {
  for (const auto& server : servers(20)) {
    const auto order = prober_order(server, nodes(3));
    auto second = choice_of(order[1].bytes[15], nodes(3));
    auto third = choice_of(order[2].bytes[15], nodes(3));
    second.heard(server, order[0], start + 5s);
    third.heard(server, order[0], start + 5s);
    EXPECT_FALSE(second.is_ours(server, 3s, start + 8999ms));
    EXPECT_TRUE(second.is_ours(server, 3s, start + 9s)) << "one and a third";
    third.heard(server, order[1], start + 9s);
    EXPECT_FALSE(third.is_ours(server, 3s, start + 10s)) << "somebody is at it";
    EXPECT_TRUE(third.is_ours(server, 3s, start + 14s)) << "he fell silent too";
    second.heard(server, order[0], start + 15s);
    EXPECT_FALSE(second.is_ours(server, 3s, start + 15s)) << "the first is back";
    second.heard(server, order[2], start + 20s);
    EXPECT_TRUE(second.is_ours(server, 3s, start + 19s)) << "a later one's word does not count";
  }
}

TEST(prober_choice, a_member_known_to_be_gone_is_replaced_at_once) {
  for (const auto& server : servers(20)) {
    const auto order = prober_order(server, nodes(3));
    auto second = choice_of(order[1].bytes[15], nodes(3));
    second.members({order[1], order[2]});
    EXPECT_TRUE(second.is_ours(server, 2s, start));
  }
}

TEST(prober_choice, alone_it_probes_all_and_outside_nothing) {
  const auto name = *servers(1).begin();
  EXPECT_TRUE(choice_of(1, nodes(1)).is_ours(name, 2s, start));
  EXPECT_FALSE(choice_of(9, nodes(3)).is_ours(name, 2s, start + 1h));
  auto other = choice_of(1, nodes(1));
  EXPECT_FALSE(other.is_ours("no such", 2s, start));
  other.servers({}, start);
  EXPECT_FALSE(other.is_ours(name, 2s, start));
}
