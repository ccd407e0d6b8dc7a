// Shards and pinned actors: where handlers run, what happens across shards, at the end and after
// it.
#include "actors/pinned.hpp"
#include "actors/runtime.hpp"

#include <gtest/gtest.h>

#include <caf/all.hpp>

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

namespace weir::actors {
namespace {

using ask_atom = caf::atom_constant<caf::atom("ask")>;
using fail_atom = caf::atom_constant<caf::atom("fail")>;

/// Answers with the id of the thread it runs on, as a number.
std::uint64_t this_thread() {
  return std::hash<std::thread::id>{}(std::this_thread::get_id());
}

class where : public pinned<caf::event_based_actor> {
public:
  where(caf::actor_config& config, shard& s, std::atomic<int>* exits = nullptr)
      : pinned(config, s), exits_(exits) {}
  caf::behavior make_behavior() override {
    return {
        [](ask_atom) { return this_thread(); },
        [](fail_atom) -> int { throw std::runtime_error("planted"); },
    };
  }
  void on_exit() override {
    EXPECT_TRUE(home().loop().on_loop_thread());
    if (exits_) ++*exits_;
  }

private:
  std::atomic<int>* exits_;
};

struct sum_state {
  sum_state() = default;
  static inline const char* name = "sum";
  int total = 0;
};
using sum_actor = caf::typed_actor<caf::replies_to<int>::with<int>>;

sum_actor::behavior_type sum(sum_actor::stateful_pointer<sum_state> self, int start) {
  self->state.total = start;
  return {[self](int value) { return self->state.total += value; }};
}

class shard_test : public testing::Test {
protected:
  template <class T, class Handle, class... Ts>
  T ask(const Handle& whom, Ts&&... xs) {
    caf::scoped_actor self(node->system());
    T answer{};
    self->request(whom, std::chrono::seconds(20), std::forward<Ts>(xs)...)
        .receive([&](T value) { answer = value; },
                 [&](caf::error& e) { ADD_FAILURE() << node->system().render(e); });
    return answer;
  }

  template <class Handle, class... Ts>
  caf::error refused(const Handle& whom, Ts&&... xs) {
    caf::scoped_actor self(node->system());
    caf::error answer;
    self->request(whom, std::chrono::seconds(20), std::forward<Ts>(xs)...)
        .receive([](int) { ADD_FAILURE() << "answered"; }, [&](caf::error& e) { answer = e; });
    return answer;
  }

  std::uint64_t thread_of(shard& s) {
    std::promise<std::uint64_t> told;
    s.loop().post([&] { told.set_value(this_thread()); });
    return told.get_future().get();
  }

  std::unique_ptr<runtime> node = runtime::create(2).value();
  shard& first = node->shard_at(0);
  shard& second = node->shard_at(1);
};

TEST_F(shard_test, an_actor_runs_on_its_shard_whoever_sends) {
  auto before = spawn_on<where>(first);
  node->start();
  auto after = spawn_on<where>(second);
  EXPECT_EQ(ask<std::uint64_t>(before, ask_atom::value), thread_of(first));
  EXPECT_EQ(ask<std::uint64_t>(after, ask_atom::value), thread_of(second));
}

TEST_F(shard_test, typed_and_stateful_actors_are_pinned_too) {
  auto handle = spawn_on(first, sum, 40);
  static_assert(std::is_same_v<decltype(handle), sum_actor>);
  node->start();
  EXPECT_EQ(ask<int>(handle, 2), 42);
  EXPECT_EQ(first.actor_count(), 1u);
}

TEST_F(shard_test, messages_cross_shards_both_ways) {
  struct forwarder : pinned<caf::event_based_actor> {
    forwarder(caf::actor_config& c, shard& s, sum_actor n) : pinned(c, s), next(std::move(n)) {}
    caf::behavior make_behavior() override {
      return {[this](int value) { return delegate(next, value + 1); }};
    }
    sum_actor next;
  };
  auto target = spawn_on(second, sum, 0);
  auto chain = spawn_on<forwarder>(first, target);
  node->start();
  int last = 0;
  for (int i = 0; i < 1000; ++i)
    last = ask<int>(chain, 0);
  EXPECT_EQ(last, 1000);
}

TEST_F(shard_test, a_long_chain_of_messages_does_not_keep_sockets_waiting) {
  struct busy : pinned<caf::event_based_actor> {
    using pinned::pinned;
    caf::behavior make_behavior() override {
      send(this, 1);
      return {[this](int) { send(this, 1); }};
    }
  };
  spawn_on<busy>(first);
  node->start();
  thread_of(first); // posted work still gets its turn
}

TEST_F(shard_test, what_is_for_later_waits_until_sockets_were_looked_at) {
  struct mover : pinned<caf::event_based_actor> {
    mover(caf::actor_config& c, shard& s, std::promise<int>& t) : pinned(c, s), told(t) {}
    caf::behavior make_behavior() override {
      go_on();
      return {[this](int) {
        if (++turns == 1) home().loop().post([this] { told.set_value(turns); });
        if (turns < 100) go_on();
      }};
    }
    void go_on() { home().later(ctrl(), caf::make_message(1)); }
    std::promise<int>& told;
    int turns = 0;
  };
  std::promise<int> told;
  spawn_on<mover>(first, told);
  node->start();
  EXPECT_EQ(told.get_future().get(), 1) << "posted work came before its second turn";
}

TEST_F(shard_test, what_a_pinned_actor_spawns_and_messages_otherwise_leaves_the_shard) {
  struct parent : pinned<caf::event_based_actor> {
    using pinned::pinned;
    caf::behavior make_behavior() override {
      auto child = spawn([](caf::event_based_actor*) -> caf::behavior {
        return {[](ask_atom) { return this_thread(); }};
      });
      return {[this, child](ask_atom) { return delegate(child, ask_atom::value); }};
    }
  };
  auto handle = spawn_on<parent>(first);
  node->start();
  const auto here = thread_of(first);
  for (int i = 0; i < 20; ++i)
    EXPECT_NE(ask<std::uint64_t>(handle, ask_atom::value), here);
}

TEST_F(shard_test, an_actor_nobody_holds_lives_until_it_quits) {
  std::atomic<int> exits = 0;
  spawn_on<where>(first, &exits);
  node->start();
  thread_of(first);
  EXPECT_EQ(first.actor_count(), 1u);
  EXPECT_EQ(exits, 0);
  node->stop();
  EXPECT_EQ(exits, 1);
  EXPECT_EQ(first.counters().exited.value(), 1u);
}

TEST_F(shard_test, an_exception_is_counted_and_ends_its_actor_only) {
  auto bad = spawn_on<where>(first);
  auto good = spawn_on<where>(first);
  node->start();
  EXPECT_EQ(refused(bad, fail_atom::value), caf::sec::runtime_error);
  EXPECT_EQ(refused(bad, fail_atom::value), caf::sec::request_receiver_down);
  EXPECT_NE(ask<std::uint64_t>(good, ask_atom::value), 0u);
  EXPECT_EQ(first.counters().exceptions.value(), 1u);
  EXPECT_EQ(first.counters().failed.value(), 1u);
  EXPECT_EQ(first.actor_count(), 1u);
}

TEST_F(shard_test, a_request_after_the_stop_is_refused_and_a_message_dropped) {
  auto handle = spawn_on<where>(first);
  node->start();
  node->stop();
  EXPECT_TRUE(refused(handle, fail_atom::value));
  caf::anon_send(handle, ask_atom::value);
  const auto late = spawn_on(first, sum, 0);
  caf::anon_send(late, 1);
  EXPECT_EQ(first.actor_count(), 0u);
}

TEST_F(shard_test, a_runtime_that_never_started_stops_cleanly) {
  std::atomic<int> exits = 0;
  spawn_on<where>(first, &exits);
  node->stop();
  EXPECT_EQ(exits, 1);
}

TEST(runtime, a_thousand_lives_with_messages_under_way) {
  for (int i = 0; i < 1000; ++i) {
    auto node = runtime::create(2).value();
    auto target = spawn_on(node->shard_at(1), sum, 0);
    auto source = spawn_on<where>(node->shard_at(0));
    node->start();
    for (int k = 0; k < 10; ++k) {
      caf::anon_send(target, k);
      caf::anon_send(source, ask_atom::value);
    }
  }
}

} // namespace
} // namespace weir::actors
