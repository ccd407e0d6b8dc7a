// When a second attempt is due, and who pays for it.
#include "net/upstream/hedge_policy.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

const steady_time start{1'000s};

config::hedge_settings after(config::milliseconds fixed, std::uint32_t max_percent = 100) {
  config::hedge_settings settings;
  settings.after.fixed = fixed;
  settings.max_percent = max_percent;
  return settings;
}

int spend_all(hedge_policy& policy, retry_budget& budget, hedge_reason& last) {
  int sent = 0;
  while ((last = policy.pay(budget, start)) == hedge_reason::sent)
    ++sent;
  return sent;
}

TEST(hedge_policy, only_what_changes_nothing_is_sent_twice) {
  request_head request;
  request.method = http_method::get;
  EXPECT_TRUE(is_hedgeable(request));
  request.method = http_method::head;
  EXPECT_TRUE(is_hedgeable(request));
  request.method = http_method::put; // idempotent, but it changes something
  EXPECT_FALSE(is_hedgeable(request));
  request.method = http_method::get;
  request.framing = body_framing::length;
  EXPECT_FALSE(is_hedgeable(request));
  request.framing = body_framing::none;
  request.upgrade = true;
  EXPECT_FALSE(is_hedgeable(request));
}

TEST(hedge_policy, a_fixed_delay_needs_no_observations) {
  hedge_policy policy(after(200ms));
  EXPECT_EQ(policy.delay(start), 200ms);
}

TEST(hedge_policy, a_percentile_is_waited_for_once_it_is_known) {
  hedge_policy policy({});
  for (int i = 0; i < 99; ++i)
    policy.count_wait(20ms, start);
  EXPECT_EQ(policy.delay(start), std::nullopt);
  policy.count_wait(20ms, start);
  const auto known = policy.delay(start);
  ASSERT_TRUE(known);
  EXPECT_GE(*known, 20ms);
  EXPECT_LE(*known, 20ms * 9 / 8);
}

TEST(hedge_policy, a_delay_is_never_below_the_grain_of_the_timers) {
  hedge_policy policy({});
  for (int i = 0; i < 1000; ++i)
    policy.count_wait(100us, start);
  EXPECT_EQ(policy.delay(start), config::defaults::hedge_after_min);
}

TEST(hedge_policy, circuits_and_queues_go_before) {
  hedge_policy policy(after(200ms));
  EXPECT_EQ(policy.judge({}), hedge_reason::sent);
  EXPECT_EQ(policy.judge({.others_wait = true}), hedge_reason::queue);
  EXPECT_EQ(policy.judge({.circuit_open = true, .others_wait = true}), hedge_reason::circuit_open);
}

TEST(hedge_policy, is_paid_from_the_budget_of_retries_and_never_exceeds_it) {
  hedge_policy policy(after(200ms));
  retry_budget budget(20);
  for (int i = 0; i < 1000; ++i) {
    policy.count_request(start);
    budget.count_request(start);
  }
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(budget.try_spend(start)); // retries
  hedge_reason last{};
  EXPECT_EQ(spend_all(policy, budget, last), 150);
  EXPECT_EQ(last, hedge_reason::budget);
  EXPECT_FALSE(budget.try_spend(start)) << "they count in it";
}

TEST(hedge_policy, has_a_share_of_its_own_and_leaves_the_rest_to_retries) {
  hedge_policy policy(after(200ms, 5));
  retry_budget budget(20);
  for (int i = 0; i < 1000; ++i) {
    policy.count_request(start);
    budget.count_request(start);
  }
  hedge_reason last{};
  EXPECT_EQ(spend_all(policy, budget, last), 50);
  EXPECT_EQ(last, hedge_reason::max);
  EXPECT_TRUE(budget.try_spend(start));
}

TEST(hedge_policy, what_the_budget_refuses_costs_nothing_of_the_share) {
  hedge_policy policy(after(200ms, 5));
  retry_budget none(0);
  EXPECT_EQ(policy.pay(none, start), hedge_reason::budget);
  retry_budget some(20);
  hedge_reason last{};
  EXPECT_EQ(spend_all(policy, some, last), static_cast<int>(hedge_policy::max_floor));
}

} // namespace
} // namespace weir::net
