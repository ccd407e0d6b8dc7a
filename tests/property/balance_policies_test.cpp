// Distributions of the policies beyond p2c and round_robin: weights are kept by all of them,
// hashing moves no more keys than it must and bounds the load, errors never pay, new servers warm
// up.
#include "net/upstream/balancer.hpp"

#include <algorithm>
#include <deque>
#include <gtest/gtest.h>
#include <numeric>

namespace weir::net {
namespace {

using config::balance_policy;

const steady_time start{1'000s};

config::upstream_settings upstream_of(const std::vector<std::uint32_t>& weights,
                                      balance_policy policy) {
  config::upstream_settings settings;
  settings.balance = policy;
  settings.max_connections = 1'000'000;
  for (const auto weight : weights) {
    const auto port = static_cast<std::uint16_t>(8000 + settings.servers.size());
    settings.servers.push_back({{.host = "10.0.0.1", .port = port, .unix_path = {}}, weight});
  }
  return settings;
}

/// An upstream, its balancer and its randomness.
struct world {
  explicit world(const config::upstream_settings& from, std::uint64_t seed = 1)
      : table(server_table::create(from)), balance(table, from, seed), random(seed) {}

  server_index pick(std::uint64_t key = 0, steady_time now = start) {
    const auto choice = balance.pick(now, random, {.key = key});
    EXPECT_EQ(choice.status, choice_status::chosen);
    return choice.server;
  }
  server_index hold(std::uint64_t key = 0) {
    server_slot slot;
    const auto choice = balance.acquire(start, random, {.key = key}, slot);
    EXPECT_EQ(choice.status, choice_status::chosen);
    held.push_back(std::move(slot));
    return choice.server;
  }
  std::vector<double> shares(int times, steady_time now = start) {
    std::vector<double> share(table->size(), 0);
    for (int i = 0; i < times; ++i)
      share[pick(random() | 1, now)] += 1.0 / times;
    return share;
  }

  std::shared_ptr<server_table> table;
  balancer balance;
  random_source random;
  std::deque<server_slot> held;
};

class every_policy : public testing::TestWithParam<balance_policy> {};

TEST_P(every_policy, shares_an_idle_upstream_by_weight) {
  world all(upstream_of({1, 2, 5}, GetParam()));
  const auto share = all.shares(40'000);
  EXPECT_NEAR(share[0], 1.0 / 8, 0.012);
  EXPECT_NEAR(share[1], 2.0 / 8, 0.012);
  EXPECT_NEAR(share[2], 5.0 / 8, 0.012);
}

TEST_P(every_policy, lets_what_stays_follow_the_weights) {
  world all(upstream_of({1, 3}, GetParam()));
  for (server_index i = 0; i < 2; ++i) // of equal speed
    all.table->count_latency(i, 200, 10ms, start);
  for (int i = 0; i < 4'000; ++i)
    all.hold(all.random() | 1);
  EXPECT_NEAR(all.table->in_flight(0), 1'000, 80);
}

TEST_P(every_policy, uses_backups_only_when_no_primary_is_up) {
  auto settings = upstream_of({1, 1, 1, 1}, GetParam());
  settings.health.emplace();
  settings.servers[2].backup = settings.servers[3].backup = true;
  world all(settings);
  for (server_index i = 0; i < 4; ++i)
    all.table->set_health(i, server_health::up, "", start);
  auto share = all.shares(1'000);
  EXPECT_EQ(share[2] + share[3], 0);
  EXPECT_GT(std::min(share[0], share[1]), 0.2);
  all.table->set_health(0, server_health::down, "", start);
  EXPECT_NEAR(all.shares(1'000)[1], 1, 1e-9);
  all.table->set_health(1, server_health::down, "", start);
  share = all.shares(1'000);
  EXPECT_GT(std::min(share[2], share[3]), 0.2);
}

TEST_P(every_policy, lets_a_new_server_warm_up) {
  auto settings = upstream_of({2, 2}, GetParam());
  settings.slow_start = std::chrono::seconds(100);
  const auto before = server_table::create(upstream_of({2}, GetParam()));
  world all(settings);
  all.table = server_table::create(settings, before.get(), start);
  all.balance = balancer(all.table, settings, 0);
  const auto expect_share = [&](duration age, double weight) {
    const auto share = all.shares(20'000, start + age);
    EXPECT_NEAR(share[1], weight / (1 + weight), 0.015) << age.count();
  };
  expect_share(0s, 0.1);
  expect_share(25s, 0.25);
  expect_share(50s, 0.5);
  expect_share(100s, 1);
}

INSTANTIATE_TEST_SUITE_P(policies, every_policy,
                         testing::Values(balance_policy::p2c, balance_policy::round_robin,
                                         balance_policy::least_requests, balance_policy::ewma,
                                         balance_policy::ip_hash, balance_policy::hash),
                         [](const auto& which) { return std::string(name_of(which.param)); });

// -- least_requests -------------------------------------------------------------------------------

/// Against the definition: nobody usable had fewer requests for its weight.
TEST(least_requests, never_passes_over_a_less_busy_server) {
  random_source random(3);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::uint32_t> weights(1 + random() % 6);
    for (auto& weight : weights)
      weight = static_cast<std::uint32_t>(1 + random() % 4);
    world all(upstream_of(weights, balance_policy::least_requests), random());
    for (int i = 0; i < 60; ++i) {
      if (all.held.size() > 3 && random() % 3 == 0)
        all.held.erase(all.held.begin() + static_cast<long>(random() % all.held.size()));
      const auto chosen = all.pick();
      for (server_index other = 0; other < all.table->size(); ++other)
        ASSERT_LE(all.table->in_flight(chosen) * weights[other],
                  all.table->in_flight(other) * weights[chosen]);
      all.hold();
    }
  }
}

// -- hash -----------------------------------------------------------------------------------------

TEST(hash, a_server_that_leaves_takes_only_its_own_keys_along) {
  random_source random(5);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::uint32_t> weights(2 + random() % 8);
    for (auto& weight : weights)
      weight = static_cast<std::uint32_t>(1 + random() % 5);
    auto settings = upstream_of(weights, balance_policy::hash);
    world before(settings);
    const auto gone = static_cast<server_index>(random() % weights.size());
    settings.servers.erase(settings.servers.begin() + gone);
    world after(settings);
    int moved = 0;
    for (std::uint64_t key = 1; key <= 2'000; ++key) {
      const auto was = before.pick(key);
      const auto is = after.pick(key);
      if (was == gone)
        ++moved;
      else
        ASSERT_EQ(after.table->address(is), before.table->address(was));
    }
    const auto sum = std::accumulate(weights.begin(), weights.end(), 0u);
    EXPECT_NEAR(moved / 2'000.0, double(weights[gone]) / sum, 0.06);
  }
}

TEST(hash, the_order_of_the_servers_in_the_file_says_nothing) {
  auto settings = upstream_of({1, 2, 3, 4}, balance_policy::ip_hash);
  world one(settings);
  std::reverse(settings.servers.begin(), settings.servers.end());
  world other(settings);
  for (std::uint64_t key = 1; key <= 500; ++key)
    ASSERT_EQ(one.table->address(one.pick(key)), other.table->address(other.pick(key)));
}

/// Mirrokni et al.: no server has more than the bound times its share, whatever the keys are.
TEST(hash, no_server_is_loaded_beyond_the_bound) {
  random_source random(9);
  for (int round = 0; round < 20; ++round) {
    std::vector<std::uint32_t> weights(2 + random() % 6);
    for (auto& weight : weights)
      weight = static_cast<std::uint32_t>(1 + random() % 3);
    world all(upstream_of(weights, balance_policy::hash));
    const std::uint64_t sum = std::accumulate(weights.begin(), weights.end(), 0u);
    for (std::uint64_t placed = 1; placed <= 400; ++placed) {
      const auto chosen = all.hold(1 + random() % 3); // three hot keys
      ASSERT_LT((all.table->in_flight(chosen) - 1) * sum * 100,
                load_bound_percent * placed * weights[chosen]);
    }
  }
}

TEST(hash, a_key_keeps_its_server_as_long_as_the_load_is_even) {
  world all(upstream_of({1, 1, 1}, balance_policy::hash));
  for (std::uint64_t key = 1; key <= 200; ++key) {
    const auto first = all.pick(key);
    for (int i = 0; i < 5; ++i)
      ASSERT_EQ(all.pick(key), first);
  }
}

TEST(hash, a_request_without_a_key_may_go_anywhere) {
  world all(upstream_of({1, 1}, balance_policy::hash));
  int first = 0;
  for (int i = 0; i < 10'000; ++i)
    first += all.pick(0) == 0;
  EXPECT_NEAR(first, 5'000, 300);
}

// -- ewma -----------------------------------------------------------------------------------------

/// Servers of three speeds; each pick is answered at once, the clock moves on.
TEST(ewma, the_fast_get_more_and_the_slow_are_tried_again) {
  world all(upstream_of({1, 1, 1}, balance_policy::ewma));
  const duration speed[] = {10ms, 20ms, 400ms};
  std::vector<int> count(3, 0);
  auto now = start;
  for (int i = 0; i < 50'000; ++i) {
    const auto server = all.pick(0, now);
    ++count[server];
    all.table->count_latency(server, 200, speed[server], now);
    now += 1ms;
  }
  EXPECT_GT(count[0], count[1]);
  EXPECT_GT(count[1], 4 * count[2]);
  EXPECT_GT(count[2], 0);
}

/// A server that fails in a millisecond must not draw the requests of those that work for it.
TEST(ewma, failing_fast_does_not_pay) {
  for (const int failure : {0, 500, 503, 429}) {
    world all(upstream_of({1, 1, 1}, balance_policy::ewma));
    int failed = 0;
    auto now = start;
    for (int i = 0; i < 50'000; ++i) {
      const auto server = all.pick(0, now);
      failed += server == 0;
      const auto works = i % 7 == 0 ? 2s : 300ms; // slow, but it works
      if (server == 0)
        all.table->count_latency(server, static_cast<std::uint16_t>(failure), 1ms, now);
      else
        all.table->count_latency(server, 200, works, now);
      now += 1ms;
    }
    EXPECT_LT(failed, 1'000) << failure;
  }
}

// -- panic ----------------------------------------------------------------------------------------

/// Against the definition, in every state of health.
TEST(panic, health_is_ignored_exactly_when_too_few_are_well) {
  random_source random(13);
  for (int round = 0; round < 2'000; ++round) {
    const auto count = static_cast<server_index>(1 + random() % 6);
    auto settings = upstream_of(std::vector<std::uint32_t>(count, 1), balance_policy::p2c);
    settings.health.emplace();
    settings.panic_percent = static_cast<std::uint32_t>(random() % 101);
    world all(settings, random());
    std::vector<bool> well(count);
    for (server_index i = 0; i < count; ++i)
      all.table->set_health(i, (well[i] = random() % 2) ? server_health::up : server_health::down,
                            "", start);
    const auto good = static_cast<std::uint32_t>(std::count(well.begin(), well.end(), true));
    const bool panics = good * 100 < count * settings.panic_percent;
    const auto choice = all.balance.pick(start, all.random);
    if (!panics && good == 0) {
      ASSERT_EQ(choice.status, choice_status::down);
    } else {
      ASSERT_EQ(choice.status, choice_status::chosen);
      ASSERT_EQ(choice.panic, panics);
      ASSERT_TRUE(panics || well[choice.server]);
    }
  }
}

} // namespace
} // namespace weir::net
