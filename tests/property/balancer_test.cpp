// Distributions of the balancer: weights are kept, load is evened out, nobody unusable is ever
// chosen.
#include "net/upstream/balancer.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>

namespace weir::net {
namespace {

using config::balance_policy;

const steady_time start{1'000s};

std::shared_ptr<server_table> table_of(std::vector<std::uint32_t> weights,
                                       std::uint32_t max_connections = 1'000'000,
                                       bool checked = false) {
  config::upstream_settings settings;
  settings.max_connections = max_connections;
  settings.outlier = {
      .consecutive_failures = 1, .eject = std::chrono::seconds(10), .max_ejected_percent = 100};
  if (checked) settings.health.emplace();
  for (auto weight : weights) {
    auto port = static_cast<std::uint16_t>(8000 + settings.servers.size());
    settings.servers.push_back({{.host = "10.0.0.1", .port = port, .unix_path = {}}, weight});
  }
  return server_table::create(settings);
}

balancer balancer_of(std::shared_ptr<server_table> table, balance_policy policy,
                     std::uint64_t begin = 0) {
  config::upstream_settings settings;
  settings.balance = policy;
  return {std::move(table), settings, begin};
}

std::vector<server_index> picks(balancer& balance, int times, std::uint64_t seed = 1) {
  random_source random(seed);
  std::vector<server_index> chosen;
  for (int i = 0; i < times; ++i) {
    auto choice = balance.pick(start, random);
    EXPECT_EQ(choice.status, choice_status::chosen);
    chosen.push_back(choice.server);
  }
  return chosen;
}

std::vector<double> shares(const std::vector<server_index>& chosen, std::size_t servers) {
  std::vector<double> share(servers, 0);
  for (auto server : chosen)
    share[server] += 1.0 / static_cast<double>(chosen.size());
  return share;
}

TEST(round_robin, every_period_gives_each_server_exactly_its_weight_wherever_it_starts) {
  random_source random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::uint32_t> weights(1 + random() % 8);
    std::uint32_t sum = 0;
    for (auto& weight : weights)
      sum += weight = static_cast<std::uint32_t>(1 + random() % 9);
    auto balance = balancer_of(table_of(weights), balance_policy::round_robin, random());
    auto chosen = picks(balance, static_cast<int>(sum) * 3);
    for (std::size_t from = 0; from + sum <= chosen.size(); ++from)
      for (server_index i = 0; i < weights.size(); ++i)
        ASSERT_EQ(std::count(chosen.begin() + static_cast<long>(from),
                             chosen.begin() + static_cast<long>(from + sum), i),
                  weights[i]);
  }
}

TEST(round_robin, is_smooth_as_nginx_is) {
  auto balance = balancer_of(table_of({5, 1, 1}), balance_policy::round_robin);
  EXPECT_EQ(picks(balance, 7), (std::vector<server_index>{0, 0, 1, 0, 2, 0, 0}));
}

TEST(p2c, an_idle_upstream_is_shared_by_weight) {
  auto balance = balancer_of(table_of({1, 2, 5}), balance_policy::p2c);
  auto share = shares(picks(balance, 40'000), 3);
  EXPECT_NEAR(share[0], 1.0 / 8, 0.01);
  EXPECT_NEAR(share[1], 2.0 / 8, 0.01);
  EXPECT_NEAR(share[2], 5.0 / 8, 0.01);
}

TEST(p2c, weights_hold_among_the_usable_when_most_servers_are_not) {
  std::vector<std::uint32_t> weights(40, 1);
  weights[3] = 3;
  auto table = table_of(weights);
  for (server_index i = 0; i < 40; ++i)
    if (i != 3 && i != 20) table->set_health(i, server_health::down, "", start);
  auto balance = balancer_of(table, balance_policy::p2c);
  auto share = shares(picks(balance, 20'000), 40);
  EXPECT_NEAR(share[3], 0.75, 0.015);
  EXPECT_NEAR(share[20], 0.25, 0.015);
}

TEST(p2c, requests_that_stay_even_out_over_the_servers) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto table = table_of(std::vector<std::uint32_t>(10, 1));
    auto balance = balancer_of(table, balance_policy::p2c);
    random_source random(seed);
    std::vector<server_slot> held(1'000);
    for (auto& slot : held)
      ASSERT_EQ(balance.acquire(start, random, {}, slot).status, choice_status::chosen);
    for (server_index i = 0; i < 10; ++i)
      EXPECT_NEAR(table->in_flight(i), 100, 8)
          << "seed " << seed; // log log n above the mean; one choice strays by 30
  }
}

TEST(p2c, requests_that_stay_follow_the_weights) {
  auto table = table_of({1, 3});
  auto balance = balancer_of(table, balance_policy::p2c);
  random_source random(5);
  std::vector<server_slot> held(400);
  for (auto& slot : held)
    balance.acquire(start, random, {}, slot);
  EXPECT_NEAR(table->in_flight(0), 100, 2);
}

/// Any state of health, ejection and load: what is chosen obeys the rules, and what is refused is
/// refused for its reason.
TEST(balancer_rules, hold_in_every_state) {
  log::set_threshold(log::level::error); // thousands of ejections
  random_source random(11);
  for (int round = 0; round < 5'000; ++round) {
    auto count = static_cast<server_index>(1 + random() % 5);
    auto table = table_of(std::vector<std::uint32_t>(count, 2), 1, true);
    std::vector<server_slot> held;
    std::vector<bool> ejected(count), full(count);
    std::vector<server_health> health(count);
    for (server_index i = 0; i < count; ++i) {
      table->set_health(i, server_health::up, "", start);
      if ((ejected[i] = random() % 3 == 0))
        ejected[i] = table->failed(i, failure_kind::reset, start);
      if ((full[i] = random() % 3 == 0)) held.push_back(*table->try_acquire(i));
    }
    for (server_index i = 0; i < count; ++i)
      table->set_health(i, health[i] = static_cast<server_health>(random() % 3), "", start);
    std::vector<server_index> tried;
    if (random() % 2) tried.push_back(static_cast<server_index>(random() % count));
    auto exists = [&](auto&& rule) {
      for (server_index i = 0; i < count; ++i)
        if (rule(i)) return true;
      return false;
    };
    auto up = [&](server_index i) { return health[i] == server_health::up; };
    auto good = [&](server_index i) { return up(i) && !ejected[i]; };
    auto policy = static_cast<balance_policy>(round % 6);
    auto balance = balancer_of(table, policy, random());
    auto choice = balance.pick(start, random, {.tried = tried, .key = random()});
    if (choice.status == choice_status::chosen) {
      auto i = choice.server;
      ASSERT_TRUE(up(i) && !full[i]);
      ASSERT_TRUE(!ejected[i] || !exists(good));
      auto better = [&](server_index j) {
        return up(j) && !full[j] && ejected[j] == ejected[i] && tried.front() != j;
      };
      ASSERT_FALSE(!tried.empty() && tried.front() == i && exists(better));
    } else if (choice.status == choice_status::busy) {
      ASSERT_TRUE(exists(up));
      ASSERT_FALSE(
          exists([&](server_index i) { return (good(i) || !exists(good)) && up(i) && !full[i]; }));
    } else {
      ASSERT_FALSE(exists(up));
      ASSERT_EQ(choice.status == choice_status::pending,
                exists([&](server_index i) { return health[i] == server_health::unknown; }));
    }
  }
}

} // namespace
} // namespace weir::net
