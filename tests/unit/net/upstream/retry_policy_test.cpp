// What may be asked of an origin again, and what may not.
#include "net/upstream/retry_policy.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

const steady_time start{1'000s};

class retry_policy : public testing::Test {
protected:
  retry_policy() { settings.on_status = {502, 503, 504}; }
  retry_reason decide(const failed_attempt& attempt) {
    return decide_retry(settings, attempt, budget, start).reason;
  }
  static failed_attempt sent(http_method method, failure_kind kind) {
    failed_attempt attempt;
    attempt.method = method;
    attempt.kind = kind;
    attempt.bytes_delivered = 100;
    return attempt;
  }
  config::retry_settings settings;
  retry_budget budget{20};
};

TEST_F(retry_policy, a_failed_connect_is_repeated_whatever_the_method) {
  EXPECT_EQ(decide(sent(http_method::post, failure_kind::connect)), retry_reason::allowed);
}

TEST_F(retry_policy,
       a_reset_is_repeated_only_if_the_method_is_idempotent_or_nothing_was_delivered) {
  EXPECT_EQ(decide(sent(http_method::get, failure_kind::reset)), retry_reason::allowed);
  auto post = sent(http_method::post, failure_kind::reset);
  EXPECT_EQ(decide(post), retry_reason::not_idempotent);
  post.bytes_delivered = 0;
  EXPECT_EQ(decide(post), retry_reason::allowed);
}

TEST_F(retry_policy, nothing_is_repeated_once_the_client_has_seen_an_answer) {
  auto attempt = sent(http_method::get, failure_kind::reset);
  attempt.response_started = true;
  EXPECT_EQ(decide(attempt), retry_reason::response_started);
}

TEST_F(retry_policy, a_body_that_is_gone_cannot_be_repeated) {
  auto attempt = sent(http_method::put, failure_kind::reset);
  attempt.replayable = false;
  EXPECT_EQ(decide(attempt), retry_reason::body_gone);
}

TEST_F(retry_policy, a_stale_connection_costs_neither_an_attempt_nor_budget_but_only_once) {
  auto attempt = sent(http_method::get, failure_kind::reset);
  attempt.reused_connection = true;
  attempt.attempt = settings.attempts;
  while (budget.try_spend(start)) {
  }
  auto decision = decide_retry(settings, attempt, budget, start);
  EXPECT_EQ(decision.reason, retry_reason::stale_connection);
  EXPECT_TRUE(decision.retry());
  EXPECT_FALSE(decision.counts());
  attempt.stale_retry_used = true;
  EXPECT_EQ(decide(attempt), retry_reason::attempts_exhausted);
}

TEST_F(retry_policy, a_post_on_a_stale_connection_is_repeated_when_it_provably_was_not_delivered) {
  auto attempt = sent(http_method::post, failure_kind::reset);
  attempt.reused_connection = true;
  EXPECT_EQ(decide(attempt), retry_reason::not_idempotent);
  attempt.bytes_delivered = 0;
  EXPECT_EQ(decide(attempt), retry_reason::stale_connection);
}

TEST_F(retry_policy, a_connection_that_broke_amid_an_answer_was_not_stale) {
  auto attempt = sent(http_method::get, failure_kind::reset);
  attempt.reused_connection = true;
  attempt.answer_begun = true;
  EXPECT_EQ(decide(attempt), retry_reason::allowed);
}

TEST_F(retry_policy, attempts_and_budget_end_it) {
  auto attempt = sent(http_method::get, failure_kind::connect);
  for (std::uint32_t i = 0; i < retry_budget::floor; ++i)
    EXPECT_EQ(decide(attempt), retry_reason::allowed);
  EXPECT_EQ(decide(attempt), retry_reason::budget_exhausted);
  attempt.attempt = 2;
  EXPECT_EQ(decide(attempt), retry_reason::attempts_exhausted);
}

TEST_F(retry_policy, only_listed_failures_are_repeated) {
  auto attempt = sent(http_method::get, failure_kind::status);
  attempt.status = 500;
  EXPECT_EQ(decide(attempt), retry_reason::not_configured);
  attempt.status = 503;
  EXPECT_EQ(decide(attempt), retry_reason::allowed);
  EXPECT_EQ(decide(sent(http_method::get, failure_kind::timeout)), retry_reason::not_configured);
  settings.on_connect = false;
  EXPECT_EQ(decide(sent(http_method::get, failure_kind::connect)), retry_reason::not_configured);
}

} // namespace
} // namespace weir::net
