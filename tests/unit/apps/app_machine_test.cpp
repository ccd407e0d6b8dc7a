// The life of an app, told as events and the effects they must have.
#include "apps/app_machine.hpp"

#include <csignal>
#include <gtest/gtest.h>

namespace weir::apps {
namespace {

const steady_time start_time{1'000s};
const exit_status crashed{false, 1};

template <class Effect>
const Effect* only(const app_effects& effects) {
  const Effect* found = nullptr;
  for (auto& each : effects)
    if (auto* match = std::get_if<Effect>(&each)) {
      EXPECT_EQ(found, nullptr) << "twice";
      found = match;
    }
  return found;
}

class app : public testing::Test {
protected:
  static app_policy policy() {
    app_policy values;
    values.start_limit = 60s;
    values.graceful = 30s;
    values.restarts.jitter = 0;
    return values;
  }

  void become_ready(generation child) {
    machine.on_started(child, static_cast<pid_t>(100 + child), now);
    machine.on_probe(child, true, now);
    ASSERT_EQ(machine.phase(), app_phase::ready);
  }
  /// To the machine's next deadline, and what it wants then.
  app_effects advance() {
    now = machine.next_deadline().value_or(now);
    return machine.on_time(now);
  }

  steady_time now = start_time;
  app_machine machine{policy(), 1};
};

TEST_F(app, is_spawned_probed_and_then_promoted) {
  auto effects = machine.start(now);
  ASSERT_NE(only<spawn_child>(effects), nullptr);
  EXPECT_EQ(only<tell_health>(effects)->health, app_health::starting);
  machine.on_started(1, 101, now);
  EXPECT_EQ(only<probe_child>(advance())->child, 1u);
  EXPECT_TRUE(machine.on_probe(1, false, now).empty());
  EXPECT_EQ(machine.phase(), app_phase::starting);
  effects = machine.on_probe(1, true, now);
  EXPECT_EQ(only<promote_child>(effects)->child, 1u);
  EXPECT_EQ(only<tell_health>(effects)->health, app_health::ready);
  EXPECT_EQ(machine.phase(), app_phase::ready);
  EXPECT_EQ(machine.pid(), 101);
  EXPECT_FALSE(machine.next_deadline()) << "a ready app needs no timer";
}

TEST_F(app, that_does_not_become_ready_in_time_is_killed_and_tried_again) {
  machine.start(now);
  machine.on_started(1, 101, now);
  now += 60s;
  EXPECT_EQ(only<signal_child>(machine.on_time(now))->number, SIGKILL);
  EXPECT_TRUE(machine.on_probe(1, true, now).empty()) << "too late";
  machine.on_exit(1, {true, SIGKILL}, now);
  EXPECT_EQ(machine.phase(), app_phase::backing_off);
  EXPECT_EQ(only<spawn_child>(advance())->child, 2u);
}

TEST_F(app, that_crashes_is_restarted_with_growing_waits_and_requests_are_refused_when_it_loops) {
  machine.start(now);
  duration last{0};
  for (generation child = 1; child <= 6; ++child) {
    machine.on_started(child, 100, now);
    auto effects = machine.on_exit(child, crashed, now);
    EXPECT_EQ(only<tell_health>(effects)->health,
              child < 5 ? app_health::starting : app_health::failing)
        << child;
    auto wait = *machine.next_deadline() - now;
    EXPECT_GT(wait, last);
    last = wait;
    ASSERT_NE(only<spawn_child>(advance()), nullptr);
  }
  EXPECT_EQ(machine.restarts(), 6u);
}

TEST_F(app, that_ran_well_for_a_while_is_forgiven) {
  machine.start(now);
  for (generation child = 1; child <= 4; ++child) {
    machine.on_exit(child, crashed, now);
    advance();
  }
  become_ready(5);
  now += 10s;
  machine.on_exit(5, crashed, now);
  EXPECT_EQ(*machine.next_deadline() - now, policy().restarts.first);
}

TEST_F(app, that_cannot_even_be_spawned_is_tried_again_later) {
  machine.start(now);
  auto effects = machine.on_failed(1, "exec: No such file or directory", now);
  EXPECT_EQ(only<tell_health>(effects)->reason, "exec: No such file or directory");
  EXPECT_EQ(machine.phase(), app_phase::backing_off);
}

TEST_F(app, is_stopped_gently_first_and_by_force_when_it_does_not_listen) {
  machine.start(now);
  become_ready(1);
  EXPECT_EQ(only<signal_child>(machine.stop(now))->number, SIGTERM);
  EXPECT_EQ(machine.phase(), app_phase::stopping);
  EXPECT_EQ(*machine.next_deadline(), now + 30s);
  EXPECT_EQ(only<signal_child>(advance())->number, SIGKILL);
  EXPECT_FALSE(machine.next_deadline());
  machine.on_exit(1, {true, SIGKILL}, now);
  EXPECT_EQ(machine.phase(), app_phase::stopped);
}

TEST_F(app, is_not_restarted_after_a_stop) {
  machine.start(now);
  machine.on_exit(1, crashed, now);
  machine.stop(now);
  EXPECT_EQ(machine.phase(), app_phase::stopped);
  EXPECT_FALSE(machine.next_deadline());
}

TEST_F(app, a_replacement_takes_over_well_before_the_old_one_is_told_to_go) {
  machine.start(now);
  become_ready(1);
  auto effects = machine.replace(now);
  EXPECT_EQ(only<spawn_child>(effects)->child, 2u);
  EXPECT_EQ(only<signal_child>(effects), nullptr);
  EXPECT_EQ(machine.phase(), app_phase::ready) << "the old one serves on";
  machine.on_started(2, 102, now);
  effects = machine.on_probe(2, true, now);
  EXPECT_TRUE(std::holds_alternative<promote_child>(effects.front()));
  EXPECT_EQ(only<signal_child>(effects), nullptr) << "somebody may just have connected to it";
  EXPECT_EQ(machine.pid(), 102);
  effects = advance();
  EXPECT_EQ(only<signal_child>(effects)->child, 1u);
  EXPECT_EQ(now, start_time + policy().linger);
  machine.on_exit(1, {true, SIGTERM}, now);
  EXPECT_EQ(machine.phase(), app_phase::ready);
  EXPECT_EQ(machine.restarts(), 0u);
}

TEST_F(app, a_replacement_that_fails_leaves_the_old_one_alone) {
  machine.start(now);
  become_ready(1);
  machine.replace(now);
  machine.on_started(2, 102, now);
  auto effects = machine.on_exit(2, crashed, now);
  EXPECT_EQ(only<tell_health>(effects), nullptr);
  EXPECT_EQ(machine.phase(), app_phase::ready);
  EXPECT_EQ(machine.pid(), 101);
  EXPECT_FALSE(machine.next_deadline());
}

TEST_F(app, a_replacement_goes_on_alone_when_the_old_one_dies_meanwhile) {
  machine.start(now);
  become_ready(1);
  machine.replace(now);
  EXPECT_EQ(only<tell_health>(machine.on_exit(1, crashed, now))->health, app_health::starting);
  EXPECT_EQ(machine.phase(), app_phase::starting);
  become_ready(2);
}

TEST_F(app, a_second_replacement_makes_the_first_one_obsolete) {
  machine.start(now);
  become_ready(1);
  machine.replace(now);
  auto effects = machine.replace(now);
  EXPECT_EQ(only<signal_child>(effects)->child, 2u);
  EXPECT_EQ(only<spawn_child>(effects)->child, 3u);
  machine.on_exit(2, {true, SIGTERM}, now);
  EXPECT_EQ(machine.phase(), app_phase::ready);
}

TEST_F(app, without_overlap_the_old_one_ends_first) {
  auto values = policy();
  values.overlap = false;
  machine = app_machine(values, 1);
  machine.start(now);
  become_ready(1);
  auto effects = machine.replace(now);
  EXPECT_EQ(only<spawn_child>(effects), nullptr);
  EXPECT_EQ(only<tell_health>(effects)->health, app_health::starting);
  effects = machine.on_exit(1, {true, SIGTERM}, now);
  EXPECT_EQ(only<spawn_child>(effects)->child, 2u);
}

TEST_F(app, new_settings_end_a_crash_loop_at_once) {
  machine.start(now);
  machine.on_exit(1, crashed, now);
  EXPECT_NE(only<spawn_child>(machine.replace(now)), nullptr);
  EXPECT_EQ(machine.phase(), app_phase::starting);
}

TEST_F(app, started_again_while_it_still_stops_waits_for_the_end) {
  machine.start(now);
  become_ready(1);
  machine.stop(now);
  EXPECT_EQ(only<spawn_child>(machine.start(now)), nullptr);
  EXPECT_NE(only<spawn_child>(machine.on_exit(1, {true, SIGTERM}, now)), nullptr);
}

} // namespace
} // namespace weir::apps
