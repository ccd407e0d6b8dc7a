// What the agreed configuration promises, wherever nodes die and whatever the store answers.
#include "cluster/errc.hpp"
#include "tests/sim/sim_cluster.hpp"
#include "tests/sim/sim_config.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

using namespace weir;
using namespace weir::sim;
using cluster::rollout_end;
using cluster::standing;

namespace {

constexpr std::size_t seeds = 150;

/// Everything that a store can do to a request.
store_weather storm() {
  return {60ms, 0.05, 0.08, 0.05};
}

bool answered(sim_config& all, duration limit = 40s) {
  return all.run_until([&] { return all.all_answered(); }, limit);
}

rollout_end end_of(const sim_config& all, std::size_t attempt) {
  return all.result_of(attempt).outcome->end;
}

/// One version in force on all nodes, in fair weather.
void begin(sim_config& all) {
  const auto first = all.apply(0, "v1");
  ASSERT_TRUE(answered(all));
  ASSERT_EQ(end_of(all, first), rollout_end::done) << all.history();
  all.run_for(1s);
}

void expect_all_use_what_is_in_force(sim_config& all) {
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_TRUE(!all.alive(i) || !all.refusing(i).empty() ||
                all.content_in_use(i) == all.content_in_force())
        << i << "\n"
        << all.history();
}

/// Everybody alive and connected again, and some time.
void calm_down(sim_config& all) {
  all.spare();
  all.heal();
  all.set_weather({});
  for (std::size_t i = 0; i < all.size(); ++i)
    if (!all.alive(i)) all.start(i);
  EXPECT_TRUE(answered(all)) << all.history();
  all.run_for(40s); // a node that could not load tries again
}

} // namespace

TEST(rollout, a_version_that_all_can_load_comes_into_force_everywhere) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_config all(1 + seed % 5, seed);
    begin(all);
    const auto second = all.apply(all.size() - 1, "v2");
    ASSERT_TRUE(answered(all, 5s)) << all.history();
    EXPECT_EQ(all.result_of(second).told, "version 2 is in force");
    all.run_for(1s);
    EXPECT_EQ(all.content_in_force(), "v2");
    expect_all_use_what_is_in_force(all);
    EXPECT_EQ(all.check_history().size(), 2u);
  });
}

TEST(rollout, a_version_that_one_cannot_load_is_used_by_none_and_the_operator_hears_why) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_config all(3, seed);
    begin(all);
    all.forbid(1, "bad");
    const auto attempt = all.apply(0, "bad");
    ASSERT_TRUE(answered(all));
    EXPECT_EQ(end_of(all, attempt), rollout_end::rejected);
    EXPECT_EQ(all.result_of(attempt).told, "nothing was changed: edge2: line 3: no such folder");
    all.run_for(1s);
    EXPECT_EQ(all.content_in_force(), "v1");
    EXPECT_FALSE(all.agreed().proposal);
    expect_all_use_what_is_in_force(all);
    all.check_history();
  });
}

TEST(rollout, of_two_at_once_one_wins_and_the_other_is_told) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_config all(3, seed);
    begin(all);
    const auto a = all.apply(0, "a");
    all.run_for(duration(all.random().below(300'000'000)));
    const auto b = all.apply(1, "b", 1);
    ASSERT_TRUE(answered(all));
    EXPECT_EQ((end_of(all, a) == rollout_end::done) + (end_of(all, b) == rollout_end::done), 1)
        << all.history();
    const auto lost = end_of(all, a) == rollout_end::done ? end_of(all, b) : end_of(all, a);
    EXPECT_TRUE(lost == rollout_end::conflict || lost == rollout_end::in_progress) << all.history();
    all.run_for(1s);
    expect_all_use_what_is_in_force(all);
    all.check_history();
  });
}

TEST(rollout, a_proposer_that_dies_at_any_step_leaves_the_old_or_the_new_everywhere) {
  std::size_t old_left = 0;
  std::size_t new_left = 0;
  for_each_seed(6, [&](std::uint64_t seed) {
    for (std::size_t step = 0; step < 40; ++step) {
      sim_config all(3, seed);
      begin(all);
      all.apply(0, "v2");
      all.kill_at(step);
      all.run_for(20s);
      all.spare();
      const auto in_force = all.content_in_force();
      (in_force == "v1" ? old_left : new_left) += 1;
      EXPECT_FALSE(all.agreed().proposal) << "it went with its proposer's lease";
      expect_all_use_what_is_in_force(all);
      for (std::size_t i = 0; i < 3; ++i)
        if (!all.alive(i)) all.start(i);
      all.run_for(2s);
      const auto next = all.apply(0, "v3");
      ASSERT_TRUE(answered(all));
      EXPECT_EQ(end_of(all, next), rollout_end::done) << all.history();
      all.run_for(1s);
      expect_all_use_what_is_in_force(all);
      all.check_history();
      if (testing::Test::HasFailure()) return;
    }
  });
  if (std::getenv("WEIR_SIM_SEED")) return;
  EXPECT_GT(old_left, 0u);
  EXPECT_GT(new_left, 0u);
}

TEST(rollout, a_node_that_was_away_loads_what_is_in_force_or_says_why_it_cannot) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_config all(3, seed);
    begin(all);
    if (seed % 2)
      all.kill(2);
    else
      all.cut(2);
    if (seed % 4 < 2) all.forbid(2, "v2");
    const auto attempt = all.apply(0, "v2");
    ASSERT_TRUE(answered(all));
    EXPECT_EQ(all.result_of(attempt).told,
              "version 2 is in force; away, and to load it later: edge3")
        << all.history();
    if (seed % 2 == 0) {
      EXPECT_EQ(all.content_in_use(2), "v1") << "it serves on with what it has";
    }
    calm_down(all);
    if (seed % 4 < 2) {
      EXPECT_EQ(all.refusing(2), "line 3: no such folder") << all.history();
      EXPECT_EQ(all.content_in_use(2), "v1");
      const auto repaired = all.rollback(1, 1);
      ASSERT_TRUE(answered(all));
      EXPECT_EQ(end_of(all, repaired), rollout_end::done) << all.history();
      all.run_for(1s);
      EXPECT_EQ(all.refusing(2), "");
    }
    expect_all_use_what_is_in_force(all);
    all.check_history();
  });
}

TEST(rollout, a_live_node_that_does_not_answer_is_named_and_nothing_changes) {
  for_each_seed(seeds / 5, [](std::uint64_t seed) {
    sim_config all(3, seed);
    begin(all);
    all.hold(2);
    const auto attempt = all.apply(0, "v2");
    ASSERT_TRUE(answered(all));
    EXPECT_EQ(all.result_of(attempt).told,
              "nothing was changed: not decided in time; edge3 does not answer")
        << all.history();
    EXPECT_EQ(all.content_in_force(), "v1");
    all.check_history();
  });
}

TEST(rollout, a_member_that_becomes_up_in_the_middle_is_asked_too) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_config all(3, seed);
    begin(all);
    all.set_standing(2, standing::down);
    all.set_standing(2, standing::joining);
    all.forbid(2, "v2");
    const auto attempt = all.apply(0, "v2");
    all.run_for(duration(all.random().below(600'000'000)));
    all.set_standing(2, standing::up);
    const bool first = all.content_in_force() == "v2";
    ASSERT_TRUE(answered(all));
    EXPECT_EQ(end_of(all, attempt), first ? rollout_end::done : rollout_end::rejected)
        << all.history();
    all.check_history();
  });
}

TEST(rollout, history_is_bounded_and_an_old_content_comes_back_as_a_new_version) {
  sim_config all(2, 1);
  begin(all);
  const auto total = cluster::config_limits::versions + 30;
  for (std::size_t n = 2; n <= total; ++n) {
    all.apply(n % 2, "v" + std::to_string(n));
    ASSERT_TRUE(answered(all)) << all.history();
    all.run_for(500ms);
  }
  const auto state = all.agreed();
  EXPECT_EQ(state.version(), total);
  EXPECT_EQ(state.versions.size(), cluster::config_limits::versions);
  EXPECT_EQ(state.versions.begin()->first, total - cluster::config_limits::versions + 1);
  EXPECT_EQ(state.blobs.size(), cluster::config_limits::versions);
  EXPECT_EQ(restore(state, 30).error(), cluster::errc::unknown_version);
  all.rollback(0, 31);
  ASSERT_TRUE(answered(all));
  all.run_for(1s);
  EXPECT_EQ(all.agreed().version(), total + 1);
  EXPECT_EQ(all.agreed().current()->restores, 31u);
  EXPECT_EQ(all.content_in_use(1), "v31");
  all.check_history();
}

TEST(rollout, through_any_storm_nothing_acknowledged_is_lost_and_all_agree_afterwards) {
  for_each_seed(seeds, [](std::uint64_t seed) {
    sim_config all(2 + seed % 4, seed);
    begin(all);
    all.set_weather(storm());
    for (int i = 0; i < 30; ++i) {
      const auto node = all.random().below(all.size());
      switch (all.random().below(7)) {
      case 0:
        all.alive(node) ? all.kill(node) : all.start(node);
        break;
      case 1:
        all.cut(node);
        break;
      case 2:
        all.heal();
        break;
      case 3:
        all.forbid(node, "c" + std::to_string(i + 1));
        break;
      case 4:
        all.kill_at(all.random().below(30));
        break;
      default:
        if (all.alive(node) && !all.busy(node)) all.apply(node, "c" + std::to_string(i));
      }
      all.run_for(duration(all.random().below(4'000'000'000)));
    }
    calm_down(all);
    all.check_history();
    expect_all_use_what_is_in_force(all);
  });
}
