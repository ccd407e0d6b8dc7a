// Who may act, who is down and who leads, on bad networks, for hundreds of seeds.
#include "tests/sim/sim_members.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::sim;
using cluster::standing;

namespace {

constexpr std::size_t seeds = 50;

std::size_t odd_size(std::uint64_t seed) {
  return 3 + 2 * (seed % 2);
}

network_settings jittery_network() {
  return {0, 0.05, 200us, 40ms};
}

/// Everybody hears everybody, and somebody leads.
void settle(sim_members& all) {
  all.net().run_for(3s);
  all.run_for(3s);
  ASSERT_EQ(all.leader_changes(), 1u) << all.history();
  for (std::size_t i = 0; i < all.size(); ++i)
    ASSERT_FALSE(all.isolated(i)) << i << "\n" << all.history();
  all.forget_counts();
}

std::size_t leader_of(const sim_members& all) {
  const auto at = all.history().rfind("leader is edge");
  return static_cast<std::size_t>(all.history()[at + 14] - '1');
}

} // namespace

TEST(authority, a_healthy_cluster_rules_nothing_and_isolates_nobody) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_members all(odd_size(seed), seed, jittery_network());
    settle(all);
    all.lose_answers(0.2);
    for (int i = 0; i < 20; ++i) {
      all.net().pause(all.net().random().below(all.size()), 300ms);
      all.run_for(1500ms);
      for (std::size_t node = 0; node < all.size(); ++node)
        EXPECT_FALSE(all.isolated(node)) << all.history();
    }
    EXPECT_EQ(all.times_down(), 0u) << all.history();
    EXPECT_EQ(all.leader_changes(), 0u) << all.history();
  });
}

TEST(authority, a_dead_node_is_committed_down_within_seven_seconds_even_if_it_led) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_members all(odd_size(seed), seed, jittery_network());
    settle(all);
    const auto victim = seed % 3 ? leader_of(all) : all.net().random().below(all.size());
    all.kill(victim, seed % 2 ? death::reset : death::silent);
    EXPECT_TRUE(all.run_until([&] { return all.standing_of(victim) == standing::down; }, 7s))
        << all.history();
    EXPECT_LE(all.leader_changes(), 1u) << all.history();
    all.start(victim);
    EXPECT_TRUE(all.run_until([&] { return all.all_up(); }, 10s)) << all.history();
  });
}

TEST(authority, the_smaller_side_is_isolated_before_it_is_ruled_down_and_the_larger_goes_on) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_members all(odd_size(seed), seed, jittery_network());
    settle(all);
    std::set<std::size_t> side{leader_of(all)};
    if (all.size() == 5) side.insert((leader_of(all) + 1) % 5);
    all.part(side);
    all.run_for(3300ms); // 3 s after the last word that was still under way
    for (std::size_t i = 0; i < all.size(); ++i)
      EXPECT_EQ(all.isolated(i), side.contains(i)) << i << "\n" << all.history();
    EXPECT_TRUE(
        all.run_until([&] { return all.agreed().count(standing::down) == side.size(); }, 4s))
        << all.history();
    EXPECT_EQ(all.lies(), 0u) << all.history();
    EXPECT_EQ(all.leader_changes(), 1u) << all.history();
    all.run_for(duration(all.net().random().below(20'000'000'000)));
    all.net().heal_all();
    EXPECT_TRUE(all.run_until([&] { return all.all_up(); }, 10s)) << all.history();
    all.run_for(1s);
    for (std::size_t i = 0; i < all.size(); ++i)
      EXPECT_FALSE(all.isolated(i)) << i << "\n" << all.history();
  });
}

TEST(authority, of_two_sides_that_cannot_talk_at_most_one_has_it) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    const std::size_t size = 2 + seed % 5;
    sim_members all(size, seed, jittery_network());
    settle(all);
    for (int round = 0; round < 6; ++round) {
      all.net().heal_all();
      all.run_for(duration(all.net().random().below(12'000'000'000)));
      std::set<std::size_t> side;
      for (std::size_t i = 0; i < size; ++i)
        if (all.net().random().below(2)) side.insert(i);
      all.part(side);
      all.run_for(3300ms);
      for (int look = 0; look < 40; ++look) {
        std::set<bool> sides;
        for (std::size_t i = 0; i < size; ++i)
          if (!all.isolated(i)) sides.insert(side.contains(i));
        ASSERT_LE(sides.size(), 1u) << all.history();
        all.run_for(250ms);
      }
    }
    EXPECT_EQ(all.lies(), 0u) << all.history();
  });
}

TEST(authority, a_node_whose_words_do_not_get_out_falls_once_and_stays_down_until_they_do) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_members all(odd_size(seed), seed, jittery_network());
    settle(all);
    const auto mute = leader_of(all);
    const bool deaf = seed % 4 < 2;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (i != mute) deaf ? all.net().cut(i, mute) : all.net().cut(mute, i);
    all.run_for(60s);
    EXPECT_EQ(all.times_down(), 1u) << all.history();
    EXPECT_EQ(all.standing_of(mute), standing::down) << all.history();
    EXPECT_EQ(all.leader_changes(), 1u) << all.history();
    EXPECT_EQ(all.lies(), 0u) << all.history();
  });
}

TEST(authority, one_path_that_fails_one_way_changes_nothing) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_members all(odd_size(seed), seed, jittery_network());
    settle(all);
    const auto a = leader_of(all);
    const auto b = (a + 1) % all.size();
    seed % 4 < 2 ? all.net().cut(a, b) : all.net().cut(b, a);
    all.run_for(60s);
    EXPECT_EQ(all.times_down(), 0u) << all.history();
    EXPECT_EQ(all.leader_changes(), 0u) << all.history();
  });
}

TEST(authority, flapping_at_200_ms_commits_nothing) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_members all(odd_size(seed), seed, jittery_network());
    settle(all);
    const auto victim = all.net().random().below(all.size());
    for (int i = 0; i < 100; ++i) {
      all.part({victim});
      all.run_for(200ms);
      all.net().heal_all();
      all.run_for(200ms);
    }
    EXPECT_EQ(all.times_down(), 0u) << all.history();
    EXPECT_EQ(all.leader_changes(), 0u) << all.history();
  });
}

TEST(authority, a_path_that_comes_and_goes_every_eight_seconds_is_let_back_ever_more_rarely) {
  for_each_seed(seeds / 5, [](std::uint64_t seed) {
    sim_members all(3, seed, jittery_network());
    settle(all);
    for (int i = 0; i < 40; ++i) {
      all.part({2});
      all.run_for(8s);
      all.net().heal_all();
      all.run_for(8s);
    }
    EXPECT_LE(all.times_down(), 2u) << all.history();
    EXPECT_LE(all.leader_changes(), 2u) << all.history();
  });
}

TEST(authority, any_storm_ends_with_everybody_up_and_one_leader) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    const auto size = odd_size(seed);
    sim_members all(size, seed, jittery_network());
    settle(all);
    all.lose_answers(0.3);
    std::set<std::size_t> dead;
    for (int i = 0; i < 12; ++i) {
      const auto node = all.net().random().below(size);
      switch (all.net().random().below(5)) {
      case 0:
        if (dead.insert(node).second) all.kill(node, death::silent);
        break;
      case 1:
        if (dead.erase(node)) all.start(node);
        break;
      case 2:
        all.net().pause(node, duration(all.net().random().below(9'000'000'000)));
        break;
      case 3:
        all.part({node});
        break;
      case 4:
        all.net().heal_all();
        break;
      }
      all.run_for(duration(all.net().random().below(8'000'000'000)));
    }
    all.net().heal_all();
    for (const auto node : dead)
      all.start(node);
    all.lose_answers(0);
    EXPECT_TRUE(all.run_until([&] { return all.all_up(); }, 300s)) << all.history();
    all.run_for(5s); // a leader that fell last is followed
    all.forget_counts();
    all.run_for(10s);
    EXPECT_EQ(all.times_down(), 0u) << all.history();
    EXPECT_EQ(all.leader_changes(), 0u) << all.history();
    for (std::size_t i = 0; i < size; ++i)
      EXPECT_FALSE(all.isolated(i)) << i << "\n" << all.history();
  });
}
