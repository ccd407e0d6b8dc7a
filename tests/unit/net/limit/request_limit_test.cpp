// Limits as they are compiled: numbers, names, identities, fields.
#include "net/limit/request_limit.hpp"

#include "net/limit/limit_fields.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

config::rate_limit_settings five_a_minute() {
  config::rate_limit_settings out;
  out.per_key = rate{5, 60s};
  return out;
}

class request_limit_test : public testing::Test {
protected:
  request_limit_test() {
    site_.hosts = {"example.com"};
    route_.path = "/login";
  }
  config::site_settings site_;
  config::route_settings route_;
};

TEST_F(request_limit_test, a_rate_becomes_an_interval_that_never_exceeds_it) {
  auto settings = five_a_minute();
  site_.policy.rate_limits = {{settings}};
  auto made = compile_limits(site_, nullptr).at(0);
  EXPECT_EQ(made.interval, 12s);
  EXPECT_EQ(made.burst, 5);
  EXPECT_EQ(made.name, "example.com");
  settings.per_key = rate{7, 1s};
  settings.burst = 2;
  site_.policy.rate_limits = {{settings}};
  made = compile_limits(site_, nullptr).at(0);
  EXPECT_GE(made.interval * 7, duration(1s));
  EXPECT_LT(made.interval * 7, 1s + 7ns);
  EXPECT_EQ(made.burst, 2);
}

TEST_F(request_limit_test, a_route_s_limits_come_on_top_of_its_site_s) {
  site_.policy.rate_limits = {{five_a_minute()}};
  route_.policy.rate_limits = {{five_a_minute(), five_a_minute()}};
  const auto made = compile_limits(site_, &route_);
  ASSERT_EQ(made.size(), 3u);
  EXPECT_EQ(made[0].name, "example.com");
  EXPECT_EQ(made[1].name, "example.com/login#1");
  EXPECT_EQ(made[2].name, "example.com/login#2");
  EXPECT_EQ(made[0].id, compile_limits(site_, nullptr).at(0).id); // one bucket for the whole site
}

TEST_F(request_limit_test, off_on_a_route_lifts_the_site_s) {
  site_.policy.rate_limits = {{five_a_minute()}};
  route_.policy.rate_limits.emplace();
  EXPECT_TRUE(compile_limits(site_, &route_).empty());
}

TEST_F(request_limit_test, buckets_outlive_a_reload_unless_key_rate_or_burst_change) {
  auto settings = five_a_minute();
  settings.name = "login";
  const auto id = [&] {
    site_.policy.rate_limits = {{settings}};
    return compile_limits(site_, nullptr).at(0).id;
  };
  const auto first = id();
  settings.reject = 503;
  settings.dry_run = true;
  settings.concurrency = 3;
  EXPECT_EQ(id(), first);
  settings.burst = 9;
  const auto second = id();
  EXPECT_NE(second, first);
  settings.key = {{config::limit_key_kind::path, ""}};
  EXPECT_NE(id(), second);
}

/// The members' types and parameters are those of draft-ietf-httpapi-ratelimit-headers.
TEST_F(request_limit_test, fields_are_structured_and_say_what_a_full_bucket_is) {
  auto settings = five_a_minute();
  settings.burst = 10;
  settings.concurrency = 3;
  site_.policy.rate_limits = {{settings}};
  const auto made = compile_limits(site_, nullptr).at(0);
  limit_fields fields;
  EXPECT_EQ(fields.lines(made, end_reason::rate_limited, 7s),
            "RateLimit-Policy: \"example.com\";q=10;w=120\r\n"
            "RateLimit: \"example.com\";r=0;t=7\r\n");
  EXPECT_EQ(fields.lines(made, end_reason::too_many_under_way, 1s),
            "RateLimit-Policy: \"example.com\";q=3;qu=\"concurrent-requests\"\r\n"
            "RateLimit: \"example.com\";r=0\r\n");
}

TEST_F(request_limit_test, no_name_can_break_out_of_its_field) {
  route_.path = "/\"\\\r\n\xc3\xa9" + std::string(4000, 'x');
  route_.policy.rate_limits = {{five_a_minute()}};
  const auto made = compile_limits(site_, &route_).at(0);
  limit_fields fields;
  const auto lines = fields.lines(made, end_reason::rate_limited, 1000000s);
  EXPECT_LT(lines.size(), 300u);
  EXPECT_NE(lines.find("\"example.com/??????xxx"), std::string_view::npos);
}

} // namespace
} // namespace weir::net
