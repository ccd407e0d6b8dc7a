// Fresh, stale but allowed, or to be validated (RFC 9111 4, 5.2.1; RFC 5861).
#include "net/cache/reuse.hpp"
#include "tests/support/made_response.hpp"

#include <gtest/gtest.h>
#include <ostream>

namespace weir::net {

void PrintTo(reuse_kind kind, std::ostream* out) {
  constexpr std::array<const char*, 4> names{"fresh", "stale_allowed", "stale_refreshing",
                                             "validate"};
  *out << names[static_cast<std::size_t>(kind)];
}

namespace {

using test::made_get;

const cache_time arrived{std::chrono::hours(500'000)};

/// Fresh for 10 s from `arrived`.
stored_response ten_seconds() {
  stored_response r;
  r.status = 200;
  r.response_time = arrived;
  r.lifetime = 10s;
  return r;
}

reuse_decision after(std::chrono::seconds time, const stored_response& r,
                     std::string_view asked = {}, const cache_policy& policy = {}) {
  const auto request = made_get({{"Cache-Control", asked}});
  return judge_reuse(r, read_cache_control(request), false, policy, arrived + time);
}

TEST(reuse, fresh_until_its_lifetime_is_over) {
  EXPECT_EQ(after(9s, ten_seconds()).kind, reuse_kind::fresh);
  EXPECT_EQ(after(9s, ten_seconds()).age, 9s);
  EXPECT_EQ(after(9s, ten_seconds()).ttl, 1);
  EXPECT_EQ(after(10s, ten_seconds()).kind, reuse_kind::validate);
  EXPECT_EQ(after(12s, ten_seconds()).ttl, -2);
}

TEST(reuse, the_age_it_arrived_with_counts) {
  auto r = ten_seconds();
  r.initial_age = 8s;
  EXPECT_EQ(after(1s, r).kind, reuse_kind::fresh);
  EXPECT_EQ(after(2s, r).kind, reuse_kind::validate);
}

TEST(reuse, a_clock_that_went_back_makes_nothing_younger_than_it_arrived) {
  auto r = ten_seconds();
  r.initial_age = 3s;
  EXPECT_EQ(after(-100s, r).age, 3s);
}

TEST(reuse, what_the_client_demands) {
  EXPECT_EQ(after(5s, ten_seconds(), "no-cache").why, validate_reason::request);
  EXPECT_EQ(after(5s, ten_seconds(), "max-age=4").why, validate_reason::request);
  EXPECT_EQ(after(5s, ten_seconds(), "max-age=5").kind, reuse_kind::fresh);
  EXPECT_EQ(after(5s, ten_seconds(), "min-fresh=6").why, validate_reason::request);
  EXPECT_EQ(after(5s, ten_seconds(), "min-fresh=5").kind, reuse_kind::fresh);
  EXPECT_EQ(after(12s, ten_seconds(), "max-stale").kind, reuse_kind::stale_allowed);
  EXPECT_EQ(after(12s, ten_seconds(), "max-stale=2").kind, reuse_kind::stale_allowed);
  EXPECT_EQ(after(12s, ten_seconds(), "max-stale=1").kind, reuse_kind::validate);
  EXPECT_EQ(after(12s, ten_seconds(), "max-stale, max-age=11").kind, reuse_kind::validate);
}

TEST(reuse, pragma_counts_without_cache_control_only) {
  EXPECT_TRUE(has_pragma_no_cache(made_get({{"Pragma", "x, No-Cache"}})));
  EXPECT_FALSE(has_pragma_no_cache(made_get({{"Pragma", "no-cache"}, {"Cache-Control", "x"}})));
  EXPECT_FALSE(has_pragma_no_cache(made_get({{"Pragma", "x"}})));
}

TEST(reuse, no_cache_is_asked_about_each_time) {
  auto r = ten_seconds();
  r.no_cache = true;
  EXPECT_EQ(after(0s, r).why, validate_reason::no_cache);
  EXPECT_EQ(after(12s, r, "max-stale").kind, reuse_kind::validate);
}

TEST(reuse, stale_while_it_is_fetched_anew) {
  auto r = ten_seconds();
  r.stale_while_revalidate = 5s;
  EXPECT_EQ(after(15s, r).kind, reuse_kind::stale_refreshing);
  EXPECT_EQ(after(16s, r).kind, reuse_kind::validate);
  cache_policy policy;
  policy.stale = 60s;
  EXPECT_EQ(after(16s, r, {}, policy).kind, reuse_kind::validate) << "the response's word holds";
  EXPECT_EQ(after(16s, ten_seconds(), {}, policy).kind, reuse_kind::stale_refreshing);
}

TEST(reuse, what_must_be_validated_is_never_stale) {
  cache_policy policy;
  policy.stale = policy.stale_on_error = 60s;
  auto r = ten_seconds();
  r.must_revalidate = true;
  r.stale_while_revalidate = r.stale_if_error = 60s;
  EXPECT_EQ(after(11s, r, "max-stale", policy).kind, reuse_kind::validate);
  EXPECT_FALSE(may_serve_on_error(r, {}, policy, arrived + 11s));
}

TEST(reuse, s_maxage_allows_only_what_the_response_itself_allows) {
  cache_policy policy;
  policy.stale = policy.stale_on_error = 60s;
  auto r = ten_seconds();
  r.shared_lifetime = true;
  EXPECT_EQ(after(11s, r, "max-stale", policy).kind, reuse_kind::validate);
  EXPECT_FALSE(may_serve_on_error(r, {}, policy, arrived + 11s));
  r.stale_while_revalidate = r.stale_if_error = 5s;
  EXPECT_EQ(after(11s, r, {}, policy).kind, reuse_kind::stale_refreshing);
  EXPECT_TRUE(may_serve_on_error(r, {}, policy, arrived + 11s));
}

TEST(reuse, on_an_error_stale_within_what_anybody_allows) {
  const auto r = ten_seconds();
  cache_policy policy;
  EXPECT_FALSE(may_serve_on_error(r, {}, policy, arrived + 11s));
  cache_directives asked;
  asked.stale_if_error = 5s;
  EXPECT_TRUE(may_serve_on_error(r, asked, policy, arrived + 15s));
  EXPECT_FALSE(may_serve_on_error(r, asked, policy, arrived + 16s));
  policy.stale_on_error = 10min;
  EXPECT_TRUE(may_serve_on_error(r, {}, policy, arrived + 9min));
}

} // namespace
} // namespace weir::net
