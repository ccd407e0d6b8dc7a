// Ejection arithmetic, retry budget, health thresholds, the Host of checks.
#include "net/upstream/health_state.hpp"
#include "net/upstream/outlier.hpp"
#include "net/upstream/retry_budget.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

const steady_time start{1'000s};

// -- outlier --------------------------------------------------------------------------------------

TEST(outlier, ejections_in_short_succession_grow_and_stop_at_the_longest) {
  config::outlier_settings settings;
  outlier_history history;
  EXPECT_EQ(eject(history, settings, start), start + 10s);
  EXPECT_EQ(eject(history, settings, start + 11s), start + 11s + 20s);
  EXPECT_EQ(eject(history, settings, start + 32s), start + 32s + 30s);
  auto now = start + 62s;
  for (int i = 0; i < 2'000; ++i)
    now = eject(history, settings, now);
  EXPECT_EQ(eject(history, settings, now) - now, longest_ejection);
}

TEST(outlier, good_conduct_is_remembered_step_by_step) {
  config::outlier_settings settings;
  outlier_history history;
  eject(history, settings, start);
  eject(history, settings, start + 10s);                           // level 2, until +30 s
  EXPECT_EQ(eject(history, settings, start + 41s), start + 61s);   // one step back, then up again
  EXPECT_EQ(eject(history, settings, start + 500s), start + 510s); // all forgiven
}

TEST(outlier, the_share_is_rounded_down) {
  config::outlier_settings settings;
  settings.max_ejected_percent = 50;
  EXPECT_FALSE(may_eject(settings, 0, 1));
  EXPECT_TRUE(may_eject(settings, 0, 3));
  EXPECT_FALSE(may_eject(settings, 1, 3));
  EXPECT_TRUE(may_eject(settings, 1, 4));
  settings.max_ejected_percent = 0;
  EXPECT_FALSE(may_eject(settings, 0, 100));
}

TEST(outlier, a_success_rate_counts_from_enough_requests_on) {
  config::outlier_settings settings;
  EXPECT_FALSE(succeeds_too_rarely(settings, 1'000, 1'000)) << "off by default";
  settings.success_percent = 80;
  EXPECT_FALSE(succeeds_too_rarely(settings, 99, 99));
  EXPECT_FALSE(succeeds_too_rarely(settings, 100, 20));
  EXPECT_TRUE(succeeds_too_rarely(settings, 100, 21));
}

// -- retry budget ---------------------------------------------------------------------------------

TEST(retry_budget, allows_a_share_of_the_requests_in_the_window) {
  retry_budget budget(20);
  for (int i = 0; i < 1000; ++i)
    budget.count_request(start);
  int spent = 0;
  while (budget.try_spend(start + 5s))
    ++spent;
  EXPECT_EQ(spent, 200);
}

TEST(retry_budget, a_quiet_upstream_may_retry_a_little) {
  retry_budget budget(20);
  int spent = 0;
  while (budget.try_spend(start))
    ++spent;
  EXPECT_EQ(spent, static_cast<int>(retry_budget::floor));
}

TEST(retry_budget, zero_percent_allows_none) {
  retry_budget budget(0);
  budget.count_request(start);
  EXPECT_FALSE(budget.allows(start));
}

TEST(retry_budget, forgets_what_is_older_than_the_window) {
  retry_budget budget(20);
  while (budget.try_spend(start)) {
  }
  EXPECT_FALSE(budget.allows(start + 9s));
  EXPECT_TRUE(budget.allows(start + 10s));
}

// -- health ---------------------------------------------------------------------------------------

TEST(health_state, the_first_check_decides_alone) {
  health_state passing(3, 3);
  EXPECT_EQ(passing.on_check(true), server_health::up);
  health_state failing(3, 3);
  EXPECT_EQ(failing.on_check(false), server_health::down);
}

TEST(health_state, later_changes_take_as_many_results_in_a_row) {
  health_state state(2, 3);
  state.on_check(true);
  EXPECT_FALSE(state.on_check(false));
  EXPECT_FALSE(state.on_check(false));
  EXPECT_FALSE(state.on_check(true)); // not in a row
  EXPECT_FALSE(state.on_check(false));
  EXPECT_FALSE(state.on_check(false));
  EXPECT_EQ(state.on_check(false), server_health::down);
  EXPECT_FALSE(state.on_check(true));
  EXPECT_EQ(state.on_check(true), server_health::up);
}

TEST(probe_host, prefers_what_is_said_over_what_is_guessed) {
  config::settings settings;
  config::site_settings site;
  site.hosts = {"*.example.com", "www.example.com"};
  site.routes.emplace_back().action = config::upstream_ref{"api"};
  settings.sites.push_back(site);
  config::upstream_settings upstream;
  upstream.name = "other";
  config::endpoint_address server{.host = "app.internal", .port = 80, .unix_path = {}};
  EXPECT_EQ(probe_host(settings, upstream, server), "app.internal:80");
  server.unix_path = "/run/api.sock";
  EXPECT_EQ(probe_host(settings, upstream, server), "localhost");
  upstream.name = "api";
  EXPECT_EQ(probe_host(settings, upstream, server), "www.example.com");
  upstream.host = "api.internal";
  EXPECT_EQ(probe_host(settings, upstream, server), "api.internal");
  upstream.health.emplace().host = "health.internal";
  EXPECT_EQ(probe_host(settings, upstream, server), "health.internal");
}

} // namespace
} // namespace weir::net
