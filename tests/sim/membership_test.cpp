// What the membership machines promise on a bad network, for hundreds of seeds.
#include "tests/sim/sim_cluster.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::sim;
using cluster::condition;
using cluster::member_state;

namespace {

constexpr std::size_t seeds = 200;

std::size_t some_size(std::uint64_t seed) {
  return 2 + seed % 5;
}

/// A network with everything wrong that a lossy path can do, short of a cut.
network_settings bad_network() {
  return {0.10, 0.10, 200us, 60ms};
}

/// A network with delay and doubles but no loss: what TCP makes of most troubles.
network_settings jittery_network() {
  return {0, 0.05, 200us, 40ms};
}

bool ready_everywhere(sim_cluster& cluster, duration limit) {
  return cluster.run_until([&] { return cluster.all_see(member_state::ready); }, limit);
}

} // namespace

TEST(membership, all_up_and_connected_converge_to_ready) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_cluster cluster(some_size(seed), seed, bad_network());
    EXPECT_TRUE(ready_everywhere(cluster, 3s)) << cluster.history();
  });
}

TEST(membership, a_killed_process_is_suspect_everywhere_within_a_second_and_then_down) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_cluster cluster(some_size(seed), seed, jittery_network());
    ASSERT_TRUE(ready_everywhere(cluster, 3s));
    cluster.run_for(duration(cluster.random().below(1'000'000'000)));
    cluster.kill(0, seed % 2 ? death::reset : death::silent);
    cluster.run_for(seed % 2 ? 100ms : 1s);
    for (std::size_t i = 1; i < some_size(seed); ++i)
      EXPECT_EQ(cluster.opinion(i, 0), member_state::suspect) << "edge" << i + 1 << "\n"
                                                              << cluster.history();
    cluster.run_for(5200ms);
    for (std::size_t i = 1; i < some_size(seed); ++i)
      EXPECT_EQ(cluster.opinion(i, 0), member_state::down) << "edge" << i + 1 << "\n"
                                                           << cluster.history();
  });
}

TEST(membership, a_restarted_node_is_back_by_itself_in_its_new_life) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_cluster cluster(3, seed, bad_network());
    ASSERT_TRUE(ready_everywhere(cluster, 3s));
    cluster.kill(1, seed % 2 ? death::reset : death::silent);
    cluster.run_for(duration(cluster.random().below(8'000'000'000)));
    cluster.start(1);
    EXPECT_TRUE(ready_everywhere(cluster, 3s)) << cluster.history();
    EXPECT_EQ(cluster.row(0, 1).incarnation, 2u);
  });
}

TEST(membership, jitter_and_pauses_of_300_ms_make_nobody_suspect) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    const auto size = some_size(seed);
    sim_cluster cluster(size, seed, jittery_network());
    ASSERT_TRUE(ready_everywhere(cluster, 3s));
    cluster.forget_transitions();
    for (int i = 0; i < 30; ++i) {
      cluster.pause(cluster.random().below(size), 300ms);
      cluster.run_for(300ms + duration(cluster.random().below(1'000'000'000)));
    }
    EXPECT_EQ(cluster.times_believed(member_state::suspect), 0u) << cluster.history();
  });
}

TEST(membership,
     a_frozen_node_is_suspect_within_a_second_and_a_half_and_accuses_nobody_when_it_wakes) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_cluster cluster(3, seed, jittery_network());
    ASSERT_TRUE(ready_everywhere(cluster, 3s));
    cluster.forget_transitions();
    cluster.pause(2, 4s);
    cluster.run_for(1500ms);
    EXPECT_EQ(cluster.opinion(0, 2), member_state::suspect) << cluster.history();
    EXPECT_EQ(cluster.opinion(1, 2), member_state::suspect) << cluster.history();
    cluster.run_for(2500ms);
    EXPECT_TRUE(ready_everywhere(cluster, 1s)) << cluster.history();
    EXPECT_EQ(cluster.times_believed(member_state::suspect), 2u) << "the sleeper suspected others\n"
                                                                 << cluster.history();
  });
}

TEST(membership, a_node_believed_dead_refutes_it) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_cluster cluster(2, seed, jittery_network());
    ASSERT_TRUE(ready_everywhere(cluster, 3s));
    cluster.cut(1, 0); // edge1 hears nothing, edge2 hears the accusation
    ASSERT_TRUE(
        cluster.run_until([&] { return cluster.opinion(0, 1) == member_state::suspect; }, 2s));
    cluster.run_for(1s);
    EXPECT_GE(cluster.machine(1).counters().refutations, 1u) << cluster.history();
    EXPECT_GT(cluster.machine(1).patience(), 1) << "an accused node doubts its own judgement";
    cluster.heal_all();
    EXPECT_TRUE(cluster.run_until([&] { return cluster.opinion(0, 1) == member_state::ready; }, 1s))
        << cluster.history();
  });
}

TEST(membership, one_broken_path_condemns_nobody_while_a_third_node_reaches_both) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_cluster cluster(4, seed, jittery_network());
    ASSERT_TRUE(ready_everywhere(cluster, 3s));
    cluster.forget_transitions();
    if (seed % 2)
      cluster.cut(0, 1);
    else
      cluster.cut_both(0, 1);
    cluster.run_for(5s); // the link itself still stands
    EXPECT_EQ(cluster.times_believed(member_state::suspect), 0u) << cluster.history();
    cluster.run_for(10s); // now it was closed: suspect until the voucher arrives, never down
    EXPECT_EQ(cluster.times_believed(member_state::down), 0u) << cluster.history();
    EXPECT_TRUE(cluster.all_see(member_state::ready)) << cluster.history();
    EXPECT_FALSE(cluster.row(0, 1).linked);
  });
}

TEST(membership, both_sides_of_a_partition_suspect_each_other_and_heal) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_cluster cluster(5, seed, bad_network());
    ASSERT_TRUE(ready_everywhere(cluster, 3s));
    for (std::size_t left = 0; left < 2; ++left)
      for (std::size_t right = 2; right < 5; ++right)
        cluster.cut_both(left, right);
    cluster.run_for(2s);
    EXPECT_EQ(cluster.opinion(0, 4), member_state::suspect) << cluster.history();
    EXPECT_EQ(cluster.opinion(3, 1), member_state::suspect) << cluster.history();
    cluster.run_for(duration(cluster.random().below(10'000'000'000)));
    cluster.heal_all();
    EXPECT_TRUE(ready_everywhere(cluster, 3s)) << cluster.history();
  });
}

TEST(membership, a_flapping_link_never_makes_anyone_down) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_cluster cluster(2, seed, jittery_network());
    ASSERT_TRUE(ready_everywhere(cluster, 3s));
    cluster.forget_transitions();
    for (int i = 0; i < 60; ++i) {
      cluster.reset_link(0, 1);
      cluster.run_for(200ms + duration(cluster.random().below(300'000'000)));
    }
    EXPECT_EQ(cluster.times_believed(member_state::down), 0u) << cluster.history();
    EXPECT_TRUE(ready_everywhere(cluster, 2s)) << cluster.history();
  });
}

TEST(membership, draining_is_seen_everywhere_at_once) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_cluster cluster(3, seed, jittery_network());
    ASSERT_TRUE(ready_everywhere(cluster, 3s));
    cluster.set_state(1, condition::draining);
    cluster.run_for(200ms);
    EXPECT_EQ(cluster.opinion(0, 1), member_state::draining);
    EXPECT_EQ(cluster.opinion(1, 1), member_state::draining);
    EXPECT_EQ(cluster.opinion(2, 1), member_state::draining);
  });
}

TEST(membership, opinions_settle_after_any_storm) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    const std::size_t size = some_size(seed);
    sim_cluster cluster(size, seed, bad_network());
    std::vector<bool> dead(size, false);
    for (int i = 0; i < 20; ++i) {
      const auto node = cluster.random().below(size);
      switch (cluster.random().below(5)) {
      case 0:
        if (!dead[node])
          cluster.kill(node, cluster.random().below(2) ? death::reset : death::silent);
        dead[node] = true;
        break;
      case 1:
        if (dead[node]) cluster.start(node);
        dead[node] = false;
        break;
      case 2:
        cluster.pause(node, duration(cluster.random().below(3'000'000'000)));
        break;
      case 3:
        if (const auto other = cluster.random().below(size); other != node)
          cluster.cut(node, other);
        break;
      case 4:
        cluster.heal_all();
        break;
      }
      cluster.run_for(duration(cluster.random().below(2'000'000'000)));
    }
    cluster.heal_all();
    for (std::size_t i = 0; i < size; ++i)
      if (dead[i]) cluster.start(i);
    cluster.set_network(jittery_network());
    cluster.run_for(3s); // the last pause ends
    EXPECT_TRUE(ready_everywhere(cluster, 5s)) << cluster.history();
    cluster.forget_transitions();
    cluster.run_for(5s);
    EXPECT_EQ(cluster.times_believed(member_state::suspect), 0u) << cluster.history();
  });
}

TEST(sim_cluster, one_seed_gives_one_history) {
  auto history = [](std::uint64_t seed) {
    sim_cluster cluster(4, seed, bad_network());
    cluster.run_for(3s);
    cluster.kill(1, death::silent);
    cluster.run_for(8s);
    return cluster.history();
  };
  EXPECT_EQ(history(7), history(7));
  EXPECT_NE(history(7), history(8));
  EXPECT_FALSE(history(7).empty());
}
