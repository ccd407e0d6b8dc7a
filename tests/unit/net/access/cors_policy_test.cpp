// Which origins are ours, and what browsers are told (Fetch, "CORS protocol").
#include "net/access/cors_policy.hpp"

#include "net/http/known_fields.hpp"
#include "tests/support/made_request.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using test::made_request;

config::cors_settings settings_for(std::vector<std::string> origins) {
  config::cors_settings settings;
  settings.origins = std::move(origins);
  return settings;
}

bool allows(const cors_policy& policy, std::string origin) {
  made_request request("/");
  request.field("Origin", std::move(origin));
  return policy.allows(request.head());
}

std::string answer(const cors_policy& policy, const made_request& request) {
  std::string out;
  policy.add_answer_lines(request.head(), out);
  return out;
}

TEST(cors_policy, an_origin_is_ours_or_it_is_not) {
  const cors_policy policy(
      settings_for({"https://a.example", "https://*.b.example", "http://C.example:80"}));
  EXPECT_TRUE(allows(policy, "https://a.example"));
  EXPECT_TRUE(allows(policy, "https://x.b.example"));
  EXPECT_TRUE(allows(policy, "https://x.y.b.example"));
  EXPECT_TRUE(allows(policy, "http://c.example"));
  for (const char* other :
       {"", "null", "http://a.example", "https://a.example.evil.example", "https://xa.example",
        "https://a.example:8443", "https://b.example", "https://.b.example",
        "https://evil.example/.b.example", "https://evil.example#.b.example",
        "https://user@x.b.example", "https://evil.example:80.b.example", "https://xb.example",
        "https://A.example", "https://evil.example, https://a.example"})
    EXPECT_FALSE(allows(policy, other)) << other;
}

TEST(cors_policy, two_origins_are_none) {
  const cors_policy policy(settings_for({"https://a.example"}));
  made_request request("/");
  request.field("Origin", "https://a.example").field("Origin", "https://a.example");
  EXPECT_FALSE(policy.allows(request.head()));
}

TEST(cors_policy, an_answer_names_the_origin_that_asked_and_says_that_it_varies) {
  auto settings = settings_for({"https://a.example"});
  settings.credentials = true;
  settings.expose = {"X-Total", "X-Next"};
  const cors_policy policy(settings);
  made_request ours("/");
  ours.field("Origin", "https://a.example");
  EXPECT_EQ(answer(policy, ours), "Vary: Origin\r\n"
                                  "Access-Control-Allow-Origin: https://a.example\r\n"
                                  "Access-Control-Allow-Credentials: true\r\n"
                                  "Access-Control-Expose-Headers: X-Total, X-Next\r\n");
  made_request other("/");
  other.field("Origin", "https://evil.example");
  EXPECT_EQ(answer(policy, other), "Vary: Origin\r\n");
  EXPECT_EQ(answer(policy, made_request("/")), "Vary: Origin\r\n");
}

TEST(cors_policy, for_everyone_the_answer_is_the_same_for_all) {
  const cors_policy policy(settings_for({"*"}));
  made_request request("/");
  request.field("Origin", "https://a.example");
  EXPECT_EQ(answer(policy, request), "Access-Control-Allow-Origin: *\r\n");
  EXPECT_EQ(answer(policy, made_request("/")), "Access-Control-Allow-Origin: *\r\n");
}

TEST(cors_policy, a_preflight_is_told_methods_fields_and_for_how_long) {
  auto settings = settings_for({"https://a.example"});
  settings.methods = {"GET", "PUT"};
  settings.headers = {"X-Token"};
  const cors_policy policy(settings);
  made_request request("/", "OPTIONS");
  EXPECT_FALSE(cors_policy::is_preflight(request.head()));
  request.field("Origin", "https://a.example");
  EXPECT_FALSE(cors_policy::is_preflight(request.head())) << "a plain OPTIONS";
  request.field("Access-Control-Request-Method", "PUT");
  EXPECT_TRUE(cors_policy::is_preflight(request.head()));
  std::string out;
  policy.add_preflight_lines(request.head(), out);
  EXPECT_EQ(out, "Vary: Origin, Access-Control-Request-Method, Access-Control-Request-Headers\r\n"
                 "Access-Control-Allow-Origin: https://a.example\r\n"
                 "Access-Control-Allow-Methods: GET, PUT\r\n"
                 "Access-Control-Allow-Headers: X-Token\r\n"
                 "Access-Control-Max-Age: 600\r\n");
}

TEST(cors_policy, any_field_is_allowed_by_its_name_and_nothing_but_names_is_repeated) {
  auto settings = settings_for({"https://a.example"});
  settings.headers = {"*"};
  const cors_policy policy(settings);
  const auto told = [&](std::string wanted) {
    made_request request("/", "OPTIONS");
    request.field("Origin", "https://a.example")
        .field("Access-Control-Request-Headers", std::move(wanted));
    std::string out;
    policy.add_preflight_lines(request.head(), out);
    return out.find("Allow-Headers") != std::string::npos;
  };
  EXPECT_TRUE(told("authorization, x-token"));
  EXPECT_FALSE(told("x y"));
  EXPECT_FALSE(told("a,,b"));
  EXPECT_FALSE(told(std::string(5000, 'a')));
}

} // namespace
} // namespace weir::net
