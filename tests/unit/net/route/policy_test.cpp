// Merging site and route into one policy.
#include "net/route/policy.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

struct merged {
  config::settings all;
  config::site_settings site;
  config::policy_settings route;
  std::vector<std::string> errors;

  compiled_policy compile() { return compile_policy(all, site, &route, "sites[0]", errors); }
};

TEST(policy, a_route_replaces_what_the_site_said) {
  merged m;
  m.site.policy.methods = {"GET"};
  m.site.policy.cache_control = "1h";
  m.site.policy.limits.emplace().body_bytes = 1;
  EXPECT_EQ(m.compile().methods.allow_field(), "GET, HEAD");
  EXPECT_EQ(m.compile().limits.body_bytes, 1u);
  EXPECT_EQ(m.compile().cache_control, "1h");
  m.route.methods = {"POST", "PURGE"};
  m.route.cache_control = "no-store";
  m.route.limits.emplace().body_bytes = 2;
  EXPECT_EQ(m.compile().methods.allow_field(), "POST, PURGE");
  EXPECT_EQ(m.compile().limits.body_bytes, 2u);
  EXPECT_EQ(m.compile().cache_control, "no-store");
}

TEST(policy, limits_nobody_set_are_the_files) {
  merged m;
  m.all.limits.headers = 7;
  EXPECT_EQ(m.compile().limits.headers, 7u);
}

TEST(policy, a_route_cannot_lift_the_sites_deny) {
  merged m;
  config::cidr ten{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 0}, 104};
  config::cidr six{{0x20, 0x01}, 16};
  m.site.policy.deny = {ten};
  m.route.deny = {six};
  const auto policy = m.compile();
  EXPECT_TRUE(contains(policy.deny, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 9, 8, 7}));
  EXPECT_FALSE(contains(policy.deny, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 11, 9, 8, 7}));
  EXPECT_TRUE(contains(policy.deny, {0x20, 0x01, 0x0d, 0xb8}));
  EXPECT_FALSE(contains(policy.deny, {0x20, 0x02}));
}

TEST(policy, field_rules_of_the_route_win_by_name) {
  merged m;
  m.site.policy.headers.response = {{{"X-A", "site"}, {"X-B", "site"}}, {"Server"}};
  m.route.headers.response = {{{"x-a", "route"}}, {"X-C"}};
  const auto policy = m.compile();
  EXPECT_EQ(policy.response.lines, "X-B: site\r\nx-a: route\r\n");
  for (const char* name : {"x-a", "X-B", "SERVER", "x-c"})
    EXPECT_TRUE(policy.response.drops(name)) << name;
  for (const char* name : {"x-d", "Date", ""})
    EXPECT_FALSE(policy.response.drops(name)) << name;
  EXPECT_EQ(policy.request.lines, "");
}

TEST(policy, a_route_can_remove_what_its_site_sets) {
  merged m;
  m.site.policy.headers.request = {{{"X-A", "site"}}, {}};
  m.route.headers.request = {{}, {"X-A"}};
  EXPECT_EQ(m.compile().request.lines, "");
  EXPECT_TRUE(m.compile().request.drops("X-A"));
}

TEST(policy, hsts_is_ours_alone) {
  merged m;
  m.site.hsts = std::chrono::seconds(60);
  const auto policy = m.compile();
  EXPECT_EQ(policy.hsts, "Strict-Transport-Security: max-age=60\r\n");
  EXPECT_TRUE(policy.response.drops("strict-transport-security"));
}

TEST(policy, rules_that_would_break_a_message_are_errors) {
  merged m;
  m.site.policy.headers.response = {{{"X A", "1"}, {"X-B", "1\r\nX-C: 2"}, {"Content-Length", "1"}},
                                    {"Transfer-Encoding"}};
  m.site.policy.headers.request = {{{"Host", "x"}}, {}};
  m.site.policy.methods = {"GE T"};
  m.compile();
  EXPECT_EQ(m.errors.size(), 6u);
  for (const auto& error : m.errors)
    EXPECT_TRUE(error.starts_with("sites[0].")) << error;
}

TEST(method_set, without_names_everything_is_in_it) {
  const method_set all;
  request_head head;
  head.method = http_method::other;
  head.method_name = "BREW";
  EXPECT_TRUE(all.contains(head));
  EXPECT_TRUE(all.unlimited());
}

TEST(policy, a_preset_gives_way_to_the_operators_rules) {
  merged m;
  m.site.policy.access.security_headers = config::security_preset::standard;
  m.site.policy.headers.response = {{{"x-frame-options", "DENY"}}, {"Referrer-Policy"}};
  const auto names = [](const compiled_policy& policy) {
    std::vector<std::string> out;
    for (const auto& preset : policy.response.presets)
      out.push_back(preset.name);
    return out;
  };
  EXPECT_EQ(names(m.compile()), std::vector<std::string>{"x-content-type-options"});
  m.route.access.security_headers = config::security_preset::off;
  EXPECT_EQ(names(m.compile()), std::vector<std::string>{});
}

TEST(policy, cors_of_a_route_replaces_the_sites_and_the_origins_own) {
  merged m;
  m.site.policy.access.cors.emplace().origins = {"*"};
  EXPECT_TRUE(m.compile().cors);
  EXPECT_TRUE(m.compile().response.drops("Access-Control-Allow-Origin"));
  m.route.access.cors.emplace(); // off
  EXPECT_FALSE(m.compile().cors);
  EXPECT_FALSE(m.compile().response.drops("Access-Control-Allow-Origin"));
}

TEST(policy, fields_that_say_who_the_client_is_are_written_by_us_alone) {
  merged m;
  m.site.policy.access.basic_auth.emplace().users = "users";
  auto& auth = m.site.policy.access.forward_auth.emplace();
  auth.upstream = "auth";
  auth.copy = {"X-User"};
  m.site.policy.headers.request.set = {{"X-User", "me"}};
  m.site.tls.client = config::client_mode::optional;
  const auto policy = m.compile();
  for (const char* name : {"X-Remote-User", "x-user", "Client-Cert", "X-Client-Verify"})
    EXPECT_TRUE(policy.request.drops(name)) << name;
  EXPECT_EQ(policy.request.lines, "") << "a rule cannot speak for the server that is asked";
  EXPECT_EQ(policy.client_fields, 0b1111);
  m.route.access.forward_auth.emplace(); // off
  EXPECT_EQ(m.compile().request.lines, "X-User: me\r\n");
  m.site.policy.headers.request.set.clear();
  for (const char* name : {"X-User", "x_user", "X-Remote-User", "x_remote-user"})
    EXPECT_TRUE(m.compile().request.drops(name)) << name << ": the application is the same";
  auth.copy = {"Authorization"};
  EXPECT_FALSE(m.compile().request.drops("Authorization")) << "the client's own, where it is off";
}

TEST(policy, what_a_rule_says_about_certificates_is_not_said_again) {
  merged m;
  m.site.tls.client = config::client_mode::require;
  m.site.policy.headers.request = {{{"X-Client-Subject", "s"}}, {"Client-Cert"}};
  const auto policy = m.compile();
  EXPECT_EQ(policy.client_fields, 0b0101) << "verdict and fingerprint";
  EXPECT_EQ(policy.request.lines, "X-Client-Subject: s\r\n");
}

TEST(policy, the_request_id_is_shown_unless_a_rule_says_otherwise) {
  merged m;
  EXPECT_FALSE(m.compile().shows_request_id);
  m.all.tracing.request_id = config::request_id_mode::response;
  EXPECT_TRUE(m.compile().shows_request_id);
  EXPECT_TRUE(m.compile().response.drops("X-Request-Id"));
  m.route.headers.response.remove = {"x-request-id"};
  EXPECT_FALSE(m.compile().shows_request_id);
}

} // namespace
} // namespace weir::net
