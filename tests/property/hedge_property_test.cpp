// Second attempts in the long run: where they go, what they cost, and that hedging does not feed
// on itself.
#include "net/upstream/balancer.hpp"
#include "net/upstream/hedge_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

namespace weir::net {
namespace {

using config::balance_policy;

const steady_time start{1'000s};

/// A server of an upstream made at random, and whether a second attempt may go to it.
struct made_server {
  bool backup = false, down = false, ejected = false, full = false, tried = false;
  bool may_be_asked() const { return !(backup || down || ejected || full || tried); }
};

TEST(a_second_attempt, goes_to_a_good_primary_that_was_not_tried_or_nowhere) {
  random_source random(7);
  constexpr balance_policy policies[] = {balance_policy::p2c, balance_policy::round_robin,
                                         balance_policy::least_requests, balance_policy::ewma,
                                         balance_policy::hash};
  for (int round = 0; round < 3'000; ++round) {
    SCOPED_TRACE(round);
    config::upstream_settings settings;
    settings.balance = policies[round % std::size(policies)];
    settings.max_connections = 1;
    settings.health.emplace();
    settings.outlier.consecutive_failures = 1;
    settings.outlier.max_ejected_percent = 100;
    std::vector<made_server> servers(1 + random() % 6);
    for (auto& each : servers) {
      each.backup = random() % 4 == 0;
      const auto port = static_cast<std::uint16_t>(8000 + settings.servers.size());
      settings.servers.push_back(
          {{.host = "10.0.0.1", .port = port, .unix_path = {}}, 1, each.backup});
    }
    const auto table = server_table::create(settings);
    balancer balance(table, settings, random());
    std::deque<server_slot> held;
    std::vector<server_index> tried;
    for (server_index i = 0; i < servers.size(); ++i) {
      auto& each = servers[i];
      each.down = random() % 4 == 0;
      table->set_health(i, each.down ? server_health::down : server_health::up, "", start);
    }
    for (server_index i = 0; i < servers.size(); ++i) {
      auto& each = servers[i];
      if (!each.down && random() % 4 == 0)
        each.ejected = table->failed(i, failure_kind::reset, start);
      if ((each.full = random() % 4 == 0)) held.push_back(*table->try_acquire(i));
      if ((each.tried = random() % 3 == 0)) tried.push_back(i);
    }
    const auto found =
        balance.acquire_another(start, random, {.tried = tried, .key = random() | 1});
    const bool anyone = std::any_of(servers.begin(), servers.end(),
                                    [](const auto& each) { return each.may_be_asked(); });
    ASSERT_EQ(found.has_value(), anyone);
    if (!found) continue;
    EXPECT_TRUE(servers[found->server()].may_be_asked());
    EXPECT_EQ(table->in_flight(found->server()), 1u);
  }
}

TEST(a_second_attempt, is_not_made_while_health_is_not_believed) {
  config::upstream_settings settings;
  settings.health.emplace();
  settings.panic_percent = 60;
  for (std::uint16_t port = 8000; port < 8004; ++port)
    settings.servers.push_back({{.host = "10.0.0.1", .port = port, .unix_path = {}}, 1});
  const auto table = server_table::create(settings);
  for (server_index i = 0; i < 4; ++i)
    table->set_health(i, i < 2 ? server_health::up : server_health::down, "", start);
  balancer balance(table, settings, 1);
  random_source random(1);
  EXPECT_FALSE(balance.acquire_another(start, random, {}));
  table->set_health(2, server_health::up, "", start);
  EXPECT_TRUE(balance.acquire_another(start, random, {}));
}

/// Requests one after another whose servers take random times, hedged as a pool does.
struct workload {
  explicit workload(unsigned seed) : random(seed) {}
  double slow_factor = 1; // of the whole upstream
  std::mt19937 random;
  hedge_policy policy{config::hedge_settings{}};
  retry_budget budget{20};
  steady_time now = start;

  duration latency() {
    std::lognormal_distribution<double> milliseconds(3, 1); // a median of 20 ms, p95 of 104 ms
    return std::chrono::microseconds(
        static_cast<std::int64_t>(milliseconds(random) * 1000 * slow_factor));
  }
  /// The share of `count` requests that were sent twice.
  double run(int count) {
    int hedges = 0;
    for (int i = 0; i < count; ++i) {
      now += 2ms;
      policy.count_request(now);
      budget.count_request(now);
      const auto first = latency();
      const auto delay = policy.delay(now);
      auto waited = first;
      if (delay && first > *delay && policy.pay(budget, now) == hedge_reason::sent) {
        ++hedges;
        waited = std::min(first, *delay + latency());
      }
      policy.count_wait(waited, now);
    }
    return static_cast<double>(hedges) / count;
  }
};

/// The slow first attempts are cut short by the second ones: were these times taken for what
/// servers need, the percentile would sink with every round.
TEST(hedging, by_a_percentile_does_not_feed_on_itself) {
  for (unsigned seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE(seed);
    workload load(seed);
    load.run(1'000);
    for (int minute = 0; minute < 5; ++minute) {
      const auto share = load.run(30'000);
      EXPECT_GT(share, 0.03);
      EXPECT_LT(share, 0.07);
    }
  }
}

TEST(hedging, of_an_upstream_that_becomes_slow_as_a_whole_is_capped) {
  workload load(1);
  load.run(30'000);
  load.slow_factor = 20;
  EXPECT_LT(load.run(10'000), 0.11);
  for (int i = 0; i < 50; ++i)
    EXPECT_TRUE(load.budget.try_spend(load.now)) << "something is left for failures";
}

TEST(hedging, makes_the_slowest_quicker) {
  workload load(1);
  load.run(10'000);
  std::vector<duration> plain, hedged;
  for (int i = 0; i < 20'000; ++i) {
    const auto first = load.latency();
    const auto delay = *load.policy.delay(load.now);
    plain.push_back(first);
    hedged.push_back(first > delay ? std::min(first, delay + load.latency()) : first);
  }
  const auto p99 = [](std::vector<duration>& of) {
    const auto at = of.begin() + static_cast<std::ptrdiff_t>(of.size() * 99 / 100);
    std::nth_element(of.begin(), at, of.end());
    return *at;
  };
  EXPECT_LT(p99(hedged), p99(plain) * 3 / 4);
}

} // namespace
} // namespace weir::net
