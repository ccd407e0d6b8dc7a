// Supervision on CAF's test scheduler: virtual time, no threads.
#include "actors/watcher.hpp"

#include "actors/pinned.hpp"
#include "actors/runtime.hpp"

#include <gtest/gtest.h>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <future>
#include <stdexcept>
#include <thread>

namespace weir::actors {
namespace {

using crash_atom = caf::atom_constant<caf::atom("crash")>;

caf::behavior fragile(caf::event_based_actor*) {
  return {[](crash_atom) { throw std::runtime_error("planted"); }};
}

struct virtual_time : caf::actor_system_config {
  virtual_time() { set("scheduler.policy", caf::atom("testing")); }
};

class watcher_test : public testing::Test {
protected:
  ~watcher_test() override {
    caf::anon_send(dog, retire_atom::value);
    run();
  }

  void watch(on_death then, backoff_options waits = {}) {
    auto what = std::make_shared<supervised>();
    what->name = "fragile";
    what->start = [this]() -> caf::strong_actor_ptr {
      ++starts;
      if (fail_starts-- > 0) throw std::runtime_error("no memory");
      child = system.spawn(fragile);
      return caf::actor_cast<caf::strong_actor_ptr>(child);
    };
    what->then = then;
    what->backoff = waits;
    caf::anon_send(dog, watch_atom::value, supervised_ptr(what));
    run();
  }

  void crash() {
    caf::anon_send(child, crash_atom::value);
    run();
  }
  void run() { scheduler().run(); }
  void advance(duration by) {
    scheduler().advance_time(by);
    run();
  }
  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }

  virtual_time config;
  caf::actor_system system{config};
  std::string stopped;
  watcher_options options{[this](std::string_view why) { stopped = why; }};
  watcher_actor dog = system.spawn(watcher, options);
  caf::actor child;
  int starts = 0;
  int fail_starts = 0;
};

TEST_F(watcher_test, a_dead_actor_is_counted_and_started_again_after_a_wait) {
  watch(on_death::restart, {.first = 100ms, .jitter = 0});
  EXPECT_EQ(starts, 1);
  crash();
  EXPECT_EQ(options.counters->deaths.value(), 1u);
  advance(99ms);
  EXPECT_EQ(starts, 1);
  advance(1ms);
  EXPECT_EQ(starts, 2);
  EXPECT_EQ(options.counters->restarts.value(), 1u);
  crash();
  advance(100ms);
  EXPECT_EQ(starts, 2) << "the second wait is longer";
  advance(100ms);
  EXPECT_EQ(starts, 3);
}

TEST_F(watcher_test, what_cannot_be_started_is_tried_again) {
  fail_starts = 2;
  watch(on_death::restart, {.first = 100ms, .jitter = 0});
  advance(100ms);
  advance(200ms);
  EXPECT_EQ(starts, 3);
  EXPECT_EQ(options.counters->deaths.value(), 2u);
}

TEST_F(watcher_test, the_node_stops_when_it_cannot_do_without) {
  watch(on_death::stop_node);
  crash();
  EXPECT_NE(stopped.find("fragile"), std::string::npos);
  advance(1h);
  EXPECT_EQ(starts, 1);
}

TEST_F(watcher_test, the_node_stops_when_restarts_do_not_help) {
  watch(on_death::restart, {.first = 1ms, .jitter = 0, .failures_max = 1});
  crash();
  advance(1ms);
  EXPECT_EQ(stopped, "");
  crash();
  EXPECT_NE(stopped, "");
  EXPECT_EQ(options.counters->node_stops.value(), 1u);
}

TEST_F(watcher_test, a_normal_exit_is_no_death) {
  watch(on_death::restart);
  caf::anon_send_exit(child, caf::exit_reason::user_shutdown);
  run();
  advance(1h);
  EXPECT_EQ(starts, 1);
  EXPECT_EQ(options.counters->deaths.value(), 0u);
}

TEST_F(watcher_test, nothing_is_restarted_while_the_node_stops) {
  watch(on_death::restart, {.first = 1ms, .jitter = 0});
  crash();
  caf::anon_send(dog, retire_atom::value);
  run();
  advance(1s);
  EXPECT_EQ(starts, 1);
}

TEST(watcher, restarts_a_pinned_actor_on_its_shard) {
  auto node = runtime::create(1).value();
  auto& home = node->shard_at(0);
  auto twice = std::make_shared<std::promise<void>>();
  auto what = std::make_shared<supervised>();
  what->name = "pinned";
  what->backoff.first = 1ms;
  what->start = [&home, twice, n = 0]() mutable {
    auto handle = spawn_on(home, fragile);
    if (++n == 2) twice->set_value();
    caf::anon_send(handle, crash_atom::value);
    return caf::actor_cast<caf::strong_actor_ptr>(handle);
  };
  what->backoff.failures_max = 1;
  node->start();
  {
    auto dog = node->system().spawn(watcher, watcher_options{});
    caf::anon_send(dog, watch_atom::value, supervised_ptr(what));
    EXPECT_EQ(twice->get_future().wait_for(20s), std::future_status::ready);
    caf::anon_send(dog, retire_atom::value);
  }
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!node->plain_actors_ended() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  EXPECT_TRUE(node->plain_actors_ended());
}

} // namespace
} // namespace weir::actors
