// Lifetimes and ages (RFC 9111 4.2).
#include "net/cache/freshness.hpp"
#include "tests/support/made_response.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using test::made_response;

constexpr auto noon = "Sun, 06 Nov 1994 12:00:00 GMT";
const cache_time at_noon = std::chrono::sys_days{std::chrono::year{1994} / 11 / 6} + 12h;

struct fixture {
  cache_policy policy;
  freshness lifetime(const response_head& head, cache_time asked = at_noon,
                     cache_time arrived = at_noon) const {
    const auto own = read_targeted_cache_control(head);
    const auto directives = own ? *own : read_cache_control(head);
    return lifetime_of({head, directives, own.has_value(), asked, arrived}, policy);
  }
  delta_seconds age(const response_head& head, duration delay = 0s) const {
    const auto directives = read_cache_control(head);
    const auto arrived = at_noon + std::chrono::duration_cast<std::chrono::milliseconds>(delay);
    return std::chrono::floor<delta_seconds>(
        initial_age_of({head, directives, false, at_noon, arrived}));
  }
};

TEST(freshness, s_maxage_goes_before_max_age_before_expires) {
  const fixture f;
  const auto all = made_response(200, {{"Cache-Control", "max-age=2, s-maxage=1"},
                                       {"Expires", "Sun, 06 Nov 1994 13:00:00 GMT"},
                                       {"Date", noon}});
  EXPECT_EQ(f.lifetime(all).lifetime, 1s);
  EXPECT_EQ(f.lifetime(all).source, freshness_source::s_maxage);
  const auto two = made_response(200, {{"Cache-Control", "max-age=2"}, {"Expires", noon}});
  EXPECT_EQ(f.lifetime(two).lifetime, 2s);
  const auto one =
      made_response(200, {{"Expires", "Sun, 06 Nov 1994 13:00:00 GMT"}, {"Date", noon}});
  EXPECT_EQ(f.lifetime(one).lifetime, 1h);
}

TEST(freshness, expires_counts_from_the_date_not_from_our_clock) {
  const fixture f;
  const auto head = made_response(200, {{"Expires", "Sun, 06 Nov 1994 12:00:10 GMT"},
                                        {"Date", "Sun, 06 Nov 1994 11:59:00 GMT"}});
  EXPECT_EQ(f.lifetime(head).lifetime, 70s);
}

TEST(freshness, an_expires_that_is_no_date_has_passed) {
  const fixture f;
  for (const auto* value : {"0", "-1", "soon", "", "Sun, 06 Nov 1994 13:00:00 EST",
                            "Sun, 06 Nov 1994 13:00:00", "06 Nov 1994 13:00:00 GMT"}) {
    const auto head = made_response(200, {{"Expires", value}, {"Date", noon}});
    EXPECT_EQ(f.lifetime(head).lifetime, 0s) << value;
    EXPECT_EQ(f.lifetime(head).source, freshness_source::expires) << value;
  }
}

TEST(freshness, dates_are_read_in_every_form_and_case) {
  const fixture f;
  for (const auto* value : {"sun, 06 nov 1994 13:00:00 gmt", "SUNDAY, 06-NOV-94 13:00:00 GMT",
                            "Sun Nov  6 13:00:00 1994", " Sun, 06 Nov 1994 13:00:00 GMT "}) {
    const auto head = made_response(200, {{"Expires", value}, {"Date", noon}});
    EXPECT_EQ(f.lifetime(head).lifetime, 1h) << value;
  }
}

TEST(freshness, the_targeted_field_leaves_nothing_to_the_others) {
  const fixture f;
  const auto head = made_response(
      200, {{"CDN-Cache-Control", "max-age=9"}, {"Cache-Control", "s-maxage=1"}, {"Expires", "0"}});
  EXPECT_EQ(f.lifetime(head).lifetime, 9s);
  const auto silent = made_response(
      200, {{"CDN-Cache-Control", "public"}, {"Expires", "Sun, 06 Nov 1994 13:00:00 GMT"}});
  EXPECT_EQ(f.lifetime(silent).source, freshness_source::none);
}

TEST(freshness, ttl_applies_only_where_the_response_says_nothing) {
  fixture f;
  f.policy.ttl = 60s;
  f.policy.negative_ttl = 10s;
  EXPECT_EQ(f.lifetime(made_response(200, {})).lifetime, 60s);
  EXPECT_EQ(f.lifetime(made_response(200, {})).source, freshness_source::configured);
  EXPECT_EQ(f.lifetime(made_response(200, {{"Cache-Control", "max-age=1"}})).lifetime, 1s);
  EXPECT_EQ(f.lifetime(made_response(404, {})).lifetime, 10s);
  EXPECT_EQ(f.lifetime(made_response(302, {})).lifetime, 0s);
  EXPECT_EQ(f.lifetime(made_response(500, {})).lifetime, 0s);
}

TEST(freshness, a_guess_is_a_tenth_of_the_time_it_stood_unchanged) {
  const fixture f;
  const auto head =
      made_response(200, {{"Last-Modified", "Sun, 06 Nov 1994 11:00:00 GMT"}, {"Date", noon}});
  EXPECT_EQ(f.lifetime(head).lifetime, 6min);
  EXPECT_EQ(f.lifetime(head).source, freshness_source::heuristic);
  const auto old = made_response(200, {{"Last-Modified", "Sun, 06 Nov 1904 11:00:00 GMT"}});
  EXPECT_EQ(f.lifetime(old).lifetime, 24h);
  auto other = head;
  other.status = 302;
  EXPECT_EQ(f.lifetime(other).source, freshness_source::none);
  const auto future = made_response(200, {{"Last-Modified", "Sun, 06 Nov 2094 11:00:00 GMT"}});
  EXPECT_EQ(f.lifetime(future).lifetime, 0s);
}

TEST(age, is_the_larger_of_the_date_and_the_field_with_its_delay) {
  const fixture f;
  EXPECT_EQ(f.age(made_response(200, {{"Date", noon}})), 0s);
  EXPECT_EQ(f.age(made_response(200, {{"Date", "Sun, 06 Nov 1994 11:59:00 GMT"}})), 60s);
  EXPECT_EQ(f.age(made_response(200, {{"Date", noon}, {"Age", "30"}})), 30s);
  EXPECT_EQ(f.age(made_response(200, {{"Date", noon}, {"Age", "30"}}), 5s), 35s);
  EXPECT_EQ(f.age(made_response(200, {{"Date", noon}}), 5s), 5s);
  EXPECT_EQ(f.age(made_response(200, {})), 0s) << "without a date it was made when it arrived";
  EXPECT_EQ(f.age(made_response(200, {{"Date", "Sun, 06 Nov 1994 12:30:00 GMT"}})), 0s)
      << "a clock ahead of ours makes nothing younger";
}

TEST(age, of_a_list_the_first_counts_and_what_is_no_number_does_not) {
  const fixture f;
  EXPECT_EQ(f.age(made_response(200, {{"Age", "7, 9"}})), 7s);
  EXPECT_EQ(f.age(made_response(200, {{"Age", "7"}, {"Age", "9"}})), 7s);
  for (const auto* value : {"-7", "abc", "7.5", "7;x", "", "\"7\""})
    EXPECT_EQ(f.age(made_response(200, {{"Age", value}})), 0s) << value;
  EXPECT_EQ(f.age(made_response(200, {{"Age", "99999999999999"}})), delta_seconds_max);
}

} // namespace
} // namespace weir::net
