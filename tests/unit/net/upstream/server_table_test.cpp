// What the shards of a node share about the servers of an upstream.
#include "net/upstream/server_table.hpp"

#include <gtest/gtest.h>
#include <thread>

namespace weir::net {
namespace {

config::upstream_settings upstream_of(std::size_t servers, bool checked = false) {
  config::upstream_settings settings;
  settings.name = "api";
  settings.max_connections = 2;
  settings.outlier = {
      .consecutive_failures = 3, .eject = std::chrono::seconds(10), .max_ejected_percent = 50};
  if (checked) settings.health.emplace();
  for (std::size_t i = 0; i < servers; ++i)
    settings.servers.push_back(
        {{.host = "10.0.0." + std::to_string(i), .port = 80, .unix_path = {}}, 1});
  return settings;
}

const steady_time start{1'000s};

void fail_times(server_table& table, server_index server, int times, steady_time now) {
  for (int i = 0; i < times; ++i)
    table.failed(server, failure_kind::connect, now);
}

TEST(server_table, an_unchecked_server_is_up_at_once_but_an_app_only_when_its_supervisor_says_so) {
  EXPECT_EQ(server_table::create(upstream_of(1))->health(0), server_health::up);
  auto app = upstream_of(1);
  app.supervised = true;
  EXPECT_EQ(server_table::create(app)->health(0), server_health::unknown);
}

TEST(server_table, refuses_a_place_beyond_max_connections_and_gives_it_again_after_a_release) {
  auto table = server_table::create(upstream_of(1));
  auto first = table->try_acquire(0);
  auto second = table->try_acquire(0);
  ASSERT_TRUE(first && second);
  EXPECT_TRUE(table->full(0));
  EXPECT_FALSE(table->try_acquire(0));
  first->release();
  EXPECT_EQ(table->in_flight(0), 1u);
  EXPECT_TRUE(table->try_acquire(0));
}

TEST(server_table, a_slot_gives_its_place_back_once_however_it_is_moved) {
  auto table = server_table::create(upstream_of(1));
  {
    auto slot = *table->try_acquire(0);
    server_slot other = std::move(slot);
    other = std::move(other);
    slot.release();
    EXPECT_EQ(table->in_flight(0), 1u);
    other = *table->try_acquire(0);
    EXPECT_EQ(table->in_flight(0), 1u);
  }
  EXPECT_EQ(table->in_flight(0), 0u);
}

TEST(server_table, shards_together_never_exceed_max_connections) {
  auto settings = upstream_of(1);
  settings.max_connections = 3;
  auto table = server_table::create(settings);
  std::atomic<std::uint32_t> holders{0};
  std::atomic<bool> exceeded{false};
  auto shard = [&] {
    for (int i = 0; i < 20'000; ++i) {
      auto slot = table->try_acquire(0);
      if (!slot) continue;
      if (holders.fetch_add(1) + 1 > 3) exceeded = true;
      holders.fetch_sub(1);
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back(shard);
  threads.clear();
  EXPECT_FALSE(exceeded);
  EXPECT_EQ(table->in_flight(0), 0u);
}

TEST(server_table, wakes_each_waiter_once_when_a_place_comes_free) {
  auto table = server_table::create(upstream_of(1));
  auto slot = table->try_acquire(0);
  int woken = 0;
  table->call_when_free([&] { ++woken; });
  table->call_when_free([&] { ++woken; });
  EXPECT_EQ(woken, 0);
  slot->release();
  EXPECT_EQ(woken, 2);
  table->try_acquire(0);
  EXPECT_EQ(woken, 2);
}

TEST(server_table, a_waiter_may_wait_again_from_within_the_wake_up) {
  auto table = server_table::create(upstream_of(1));
  int woken = 0;
  table->call_when_free([&] {
    ++woken;
    table->call_when_free([&] { ++woken; });
  });
  table->try_acquire(0);
  EXPECT_EQ(woken, 1);
  table->try_acquire(0);
  EXPECT_EQ(woken, 2);
}

TEST(server_table, wakes_waiters_when_health_changes) {
  auto table = server_table::create(upstream_of(1, true));
  int woken = 0;
  table->call_when_free([&] { ++woken; });
  table->set_health(0, server_health::up, "first check passed", start);
  EXPECT_EQ(woken, 1);
}

TEST(server_table, no_waiter_misses_the_last_release) {
  auto settings = upstream_of(1);
  settings.max_connections = 1;
  auto table = server_table::create(settings);
  for (int round = 0; round < 2'000; ++round) {
    auto slot = table->try_acquire(0);
    ASSERT_TRUE(slot);
    std::jthread other([&, mine = std::move(*slot)]() mutable { mine.release(); });
    std::atomic<bool> woken{false};
    table->call_when_free([&] { woken = true; });
    auto again = table->try_acquire(0);
    other.join();
    EXPECT_TRUE(woken || again) << "round " << round;
    again.reset();
    if (!woken)
      table->set_health(0, server_health::up, "", start); // empties the list before `woken` goes
  }
}

TEST(server_table, ejects_after_consecutive_failures_until_the_time_is_over) {
  auto table = server_table::create(upstream_of(2));
  fail_times(*table, 0, 2, start);
  EXPECT_FALSE(table->ejected(0, start));
  EXPECT_TRUE(table->failed(0, failure_kind::reset, start));
  EXPECT_TRUE(table->ejected(0, start + 9s));
  EXPECT_FALSE(table->ejected(0, start + 10s));
}

TEST(server_table, a_success_in_between_starts_the_count_again) {
  auto table = server_table::create(upstream_of(2));
  fail_times(*table, 0, 2, start);
  table->succeeded(0);
  fail_times(*table, 0, 2, start);
  EXPECT_FALSE(table->ejected(0, start));
}

TEST(server_table, failures_of_requests_that_were_under_way_do_not_eject_twice) {
  auto table = server_table::create(upstream_of(2));
  fail_times(*table, 0, 30, start);
  EXPECT_EQ(table->view(start)[0].ejections[0], 1u);
  EXPECT_FALSE(table->ejected(0, start + 10s));
}

TEST(server_table, ejects_at_most_the_configured_share_and_never_the_only_server) {
  auto two = server_table::create(upstream_of(2));
  fail_times(*two, 0, 3, start);
  fail_times(*two, 1, 3, start);
  EXPECT_TRUE(two->ejected(0, start));
  EXPECT_FALSE(two->ejected(1, start));
  auto one = server_table::create(upstream_of(1));
  fail_times(*one, 0, 100, start);
  EXPECT_FALSE(one->ejected(0, start));
}

TEST(server_table, servers_that_checks_hold_down_do_not_count_among_those_to_eject_from) {
  auto table = server_table::create(upstream_of(2, true));
  table->set_health(0, server_health::up, "", start);
  table->set_health(1, server_health::down, "timed_out", start);
  fail_times(*table, 0, 3, start);
  EXPECT_FALSE(table->ejected(0, start));
}

TEST(server_table, without_checks_servers_are_up_and_with_them_unknown) {
  EXPECT_EQ(server_table::create(upstream_of(1))->health(0), server_health::up);
  EXPECT_EQ(server_table::create(upstream_of(1, true))->health(0), server_health::unknown);
}

TEST(server_table, a_reload_keeps_what_is_known_of_servers_that_stay) {
  auto old_settings = upstream_of(2, true);
  auto old_table = server_table::create(old_settings);
  old_table->set_health(1, server_health::down, "wrong_status", start);
  auto slot = old_table->try_acquire(1);
  auto settings = upstream_of(3, true);
  settings.servers.erase(settings.servers.begin());
  auto table = server_table::create(settings, old_table.get());
  EXPECT_EQ(table->in_flight(0), 1u);
  EXPECT_EQ(table->health(0), server_health::down);
  EXPECT_EQ(table->health(1), server_health::unknown);
  int woken = 0;
  table->call_when_free([&] { ++woken; });
  slot->release();
  EXPECT_EQ(table->in_flight(0), 0u);
  EXPECT_EQ(woken, 1) << "a place given back to the old table wakes the new one's queue";
}

TEST(server_table, a_low_success_rate_ejects_within_its_window_only) {
  auto settings = upstream_of(2);
  settings.outlier.consecutive_failures = 1'000;
  settings.outlier.success_percent = 50;
  settings.outlier.requests = 10;
  auto table = server_table::create(settings);
  for (int i = 0; i < 100; ++i)
    table->succeeded(0); // long ago: a window begins with a failure
  for (int i = 0; i < 4; ++i)
    table->succeeded(0), fail_times(*table, 0, 1, start + 1s);
  EXPECT_FALSE(table->ejected(0, start + 1s)) << "seven requests are too few";
  fail_times(*table, 0, 4, start + 12s);
  EXPECT_FALSE(table->ejected(0, start + 12s)) << "another window";
  fail_times(*table, 0, 6, start + 13s);
  EXPECT_TRUE(table->ejected(0, start + 13s));
  EXPECT_EQ(table->view(start)[0].ejections[1], 1u);
}

TEST(server_table, followed_addresses_keep_their_places) {
  auto settings = upstream_of(2);
  auto before = server_table::create(settings);
  auto slot = before->try_acquire(1);
  const server_place stays{settings.servers[1], "app.internal"};
  auto fresh = stays;
  fresh.settings.address.host = "10.0.0.9";
  auto table = server_table::follow(settings, {stays, fresh}, *before, start);
  ASSERT_EQ(table->size(), 3u);
  EXPECT_TRUE(table->gone(0));
  EXPECT_FALSE(table->gone(1));
  EXPECT_EQ(table->in_flight(1), 1u);
  EXPECT_EQ(table->address(2).host, "10.0.0.9");
  auto back = server_table::follow(settings, {{settings.servers[0], ""}}, *table, start);
  EXPECT_FALSE(back->gone(0));
  EXPECT_TRUE(back->gone(1) && back->gone(2));
}

TEST(server_table, a_new_server_grows_to_its_weight_and_one_that_comes_back_does_too) {
  auto settings = upstream_of(1);
  settings.slow_start = std::chrono::seconds(10);
  auto old_table = server_table::create(settings);
  EXPECT_EQ(old_table->weight_now(0, start), weight_unit) << "it was there from the start";
  settings.servers.push_back({{.host = "10.0.0.9", .port = 80, .unix_path = {}}, 2});
  auto table = server_table::create(settings, old_table.get(), start);
  EXPECT_EQ(table->weight_now(0, start), weight_unit);
  EXPECT_EQ(table->weight_now(1, start), 2 * weight_unit / 10);
  EXPECT_EQ(table->weight_now(1, start + 5s), weight_unit);
  EXPECT_TRUE(table->view(start + 5s)[1].warming);
  EXPECT_EQ(table->weight_now(1, start + 10s), 2 * weight_unit);
  fail_times(*table, 1, 3, start + 20s);
  ASSERT_TRUE(table->ejected(1, start + 20s));
  EXPECT_EQ(table->weight_now(1, start + 31s), 2 * weight_unit / 10);
}

TEST(server_table, places_are_those_of_the_servers_in_use) {
  auto settings = upstream_of(3);
  settings.max_connections = 10;
  settings.servers[1].max_connections = 4;
  settings.servers[2].backup = true;
  const auto table = server_table::create(settings);
  EXPECT_EQ(table->places(), 14u);
  const auto next = server_table::follow(settings, {{settings.servers[0], ""}}, *table, start);
  EXPECT_EQ(next->places(), 10u);
}

TEST(server_table, who_was_given_up_is_at_least_as_slow_as_it_was_waited_for) {
  auto table = server_table::create(upstream_of(1));
  table->count_wait(0, 5ms, start);
  EXPECT_EQ(table->latency(0).cost_us, 5'000u) << "nothing was known: that much is";
  table->count_latency(0, 200, 40ms, start);
  table->count_wait(0, 5ms, start + 5s);
  EXPECT_EQ(table->latency(0).cost_us, 40'000u) << "no reward";
  EXPECT_EQ(cost_at(table->latency(0), start), 40'000) << "and no younger";
  table->count_wait(0, 200ms, start);
  EXPECT_EQ(table->latency(0).cost_us, 200'000u);
  EXPECT_EQ(table->view(start)[0].failures, 0u);
}

TEST(circuit, gives_as_many_places_as_the_limit_and_each_back_once) {
  auto counts = std::make_shared<circuit>();
  auto first = counts->try_take(breaker::requests, 2);
  auto second = counts->try_take(breaker::requests, 2);
  EXPECT_TRUE(first && second);
  EXPECT_FALSE(counts->try_take(breaker::requests, 2));
  EXPECT_TRUE(counts->try_take(breaker::retries, 1)) << "each has a count of its own";
  circuit_permit moved = std::move(*first);
  *first = std::move(moved);
  first->release();
  EXPECT_EQ(counts->taken(breaker::requests), 1u);
  counts.reset();
  second->release(); // it kept the counts alive
}

TEST(server_table, a_view_shows_why_a_server_is_down) {
  auto table = server_table::create(upstream_of(1, true));
  table->count_check(0, false);
  table->set_health(0, server_health::down, "wrong_status: 500", start);
  auto view = table->view(start).front();
  EXPECT_EQ(view.health, server_health::down);
  EXPECT_EQ(view.health_reason, "wrong_status: 500");
  EXPECT_EQ(view.checks_failed, 1u);
}

} // namespace
} // namespace weir::net
