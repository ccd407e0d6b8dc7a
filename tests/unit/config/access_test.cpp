// The keys about access: what they mean, and what is wrong with them.
#include "tests/support/config_text.hpp"

#include <gtest/gtest.h>
#include <string>

namespace weir::config {
namespace {

using test::findings_of;
using test::parse_config;

std::string site_with(const std::string& keys) {
  return "version: 1\nsites:\n  - hosts: [\"*\"]\n    respond: { body: ok }\n    " + keys + "\n";
}

access_settings access_of(const std::string& keys) {
  const auto parsed = parse_config(site_with(keys));
  EXPECT_TRUE(parsed.ok) << findings_of(site_with(keys));
  return parsed.ok ? parsed.values.sites.front().policy.access : access_settings{};
}

TEST(access_keys, leave_everything_off_that_is_not_said) {
  EXPECT_EQ(access_of("hsts: 0s"), access_settings{});
  const auto parsed = parse_config("version: 1\nsites: []\n");
  EXPECT_EQ(parsed.values.tracing.request_id, request_id_mode::upstream);
  EXPECT_FALSE(parsed.values.tracing.traceparent);
}

TEST(access_keys, say_what_they_say) {
  const auto cors = access_of("cors: { origins: \"https://*.a.example\", max_age: 1h }").cors;
  ASSERT_TRUE(cors);
  EXPECT_EQ(cors->origins, std::vector<std::string>{"https://*.a.example"});
  EXPECT_EQ(cors->max_age, std::chrono::hours(1));
  EXPECT_EQ(access_of("security_headers: strict").security_headers, security_preset::strict);
  const auto parsed = parse_config(
      "version: 1\ntracing: { request_id: off, traceparent: on, sample: 10% }\nsites: []\n");
  EXPECT_EQ(parsed.values.tracing, (tracing_settings{request_id_mode::off, true, 10}));
}

TEST(access_keys, off_is_said_and_not_left_out) {
  ASSERT_TRUE(access_of("cors: off").cors);
  EXPECT_TRUE(access_of("cors: off").cors->origins.empty());
  ASSERT_TRUE(access_of("basic_auth: off").basic_auth);
  EXPECT_EQ(access_of("basic_auth: off").basic_auth->users, "");
}

TEST(access_keys, refuse_what_would_open_a_site) {
  for (const auto& [keys, what] : {
           std::pair("cors: { origins: \"*\", credentials: true }", "name the origins instead"),
           std::pair("cors: { origins: \"https://a.example\", credentials: true, expose: \"*\" }",
                     "name the fields"),
           std::pair("cors: {}", "origins"),
           std::pair("cors: { origins: [] }", "must not be empty"),
           std::pair("cors: on", "off"),
           std::pair("cors: { origins: a.example }", "must be * or begin with https://"),
           std::pair("cors: { origins: \"ftp://a.example\" }", "must be * or begin with https://"),
           std::pair("cors: { origins: \"https://a.example/\" }", "f:5:"),
           std::pair("cors: { origins: \"https://*\" }", "f:5:"),
           std::pair("cors: { origins: \"https://a.*.example\" }", "f:5:"),
           std::pair("cors: { origins: \"https://a.example:0\" }", "port"),
           std::pair("basic_auth: {}", "users"),
           std::pair("basic_auth: { users: no.such.file }",
                     "cannot read \"/srv/weir/no.such.file\""),
       }) {
    const auto found = findings_of(site_with(keys));
    EXPECT_NE(found.find("error: "), std::string::npos) << keys;
    EXPECT_NE(found.find(what), std::string::npos) << keys << "\n" << found;
  }
}

} // namespace
} // namespace weir::config
