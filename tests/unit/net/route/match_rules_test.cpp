// Conditions on method, fields, query and cookies.
#include "net/route/match_rules.hpp"

#include "tests/support/made_request.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using test::made_request;

TEST(match_rules, nothing_asked_holds_always) {
  EXPECT_TRUE(match_rules().hold(made_request("/", "BREW").head()));
  EXPECT_EQ(match_rules().count(), 0u);
}

TEST(match_rules, a_method_is_one_of_the_list_and_get_brings_head) {
  const match_rules rules({{"GET", "PURGE"}, {}, {}, {}});
  EXPECT_TRUE(rules.hold(made_request("/", "GET").head()));
  EXPECT_TRUE(rules.hold(made_request("/", "HEAD").head()));
  EXPECT_TRUE(rules.hold(made_request("/", "PURGE").head()));
  EXPECT_FALSE(rules.hold(made_request("/", "POST").head()));
  EXPECT_FALSE(rules.hold(made_request("/", "purge").head()));
}

TEST(match_rules, one_of_several_equal_fields_is_enough) {
  const match_rules rules({{}, {{"X-Beta", "1"}}, {}, {}});
  EXPECT_TRUE(rules.hold(made_request("/").field("x-beta", "0").field("X-BETA", "1").head()));
  EXPECT_FALSE(rules.hold(made_request("/").field("X-Beta", "11").head()));
  EXPECT_FALSE(rules.hold(made_request("/").head()));
}

TEST(match_rules, query_parameters_are_compared_decoded) {
  const match_rules rules({{}, {}, {{"a b", "c&d"}}, {}});
  EXPECT_TRUE(rules.hold(made_request("/?x&a+b=c%26d").head()));
  EXPECT_TRUE(rules.hold(made_request("/?a%20b=%63%26d&y=1").head()));
  EXPECT_FALSE(rules.hold(made_request("/?a+b=c").head()));
  EXPECT_FALSE(rules.hold(made_request("/?a+b=c%26d1").head()));
  EXPECT_FALSE(rules.hold(made_request("/").head()));
}

TEST(match_rules, a_parameter_without_value_is_an_empty_one) {
  const match_rules rules({{}, {}, {{"debug", ""}}, {}});
  EXPECT_TRUE(rules.hold(made_request("/?debug").head()));
  EXPECT_TRUE(rules.hold(made_request("/?debug=").head()));
  EXPECT_TRUE(rules.hold(made_request("/?a=1&debug").head()));
  EXPECT_FALSE(rules.hold(made_request("/?debug=1").head()));
}

TEST(match_rules, the_first_condition_that_is_not_met_is_named) {
  const match_rules rules({{"GET"}, {{"X-A", "1"}}, {{"q", "1"}}, {{"c", "1"}}});
  const auto unmet = [&](const made_request& request) {
    const auto found = rules.first_unmet(request.head());
    EXPECT_EQ(rules.hold(request.head()), !found);
    return found ? std::to_string(static_cast<int>(found->part)) + std::string(found->name) : "-";
  };
  EXPECT_EQ(unmet(made_request("/", "POST")), "0");
  EXPECT_EQ(unmet(made_request("/?q=1")), "1X-A");
  EXPECT_EQ(unmet(made_request("/?q=2").field("x-a", "1")), "2q");
  EXPECT_EQ(unmet(made_request("/?q=1").field("x-a", "1")), "3c");
  EXPECT_EQ(unmet(made_request("/?q=1").field("x-a", "1").field("Cookie", "c=1", field_id::cookie)),
            "-");
}

TEST(match_rules, cookies_are_found_in_any_cookie_field) {
  const match_rules rules({{}, {}, {}, {{"c", "d"}}});
  const auto id = field_id::cookie;
  EXPECT_TRUE(rules.hold(made_request("/").field("Cookie", "a=b; c=d", id).head()));
  EXPECT_TRUE(
      rules.hold(made_request("/").field("Cookie", "a=b", id).field("cookie", "c=d", id).head()));
  EXPECT_FALSE(rules.hold(made_request("/").field("Cookie", "a=c=d; cc=d", id).head()));
  EXPECT_FALSE(rules.hold(made_request("/").field("X", "c=d").head()));
}

TEST(match_rules, all_conditions_must_hold) {
  const match_rules rules({{"GET"}, {{"h", "1"}}, {{"q", "1"}}, {}});
  EXPECT_EQ(rules.count(), 3u);
  EXPECT_TRUE(rules.hold(made_request("/?q=1").field("h", "1").head()));
  EXPECT_FALSE(rules.hold(made_request("/?q=1").head()));
  EXPECT_FALSE(rules.hold(made_request("/").field("h", "1").head()));
}

} // namespace
} // namespace weir::net
