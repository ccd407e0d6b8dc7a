// What `weir explain` asks for and prints, against an admin API made of strings.
#include "cli/explain_command.hpp"

#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace weir::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* limited = R"({
  "verdict": {"by": "weir", "status": 429, "reason": "rate_limited", "detail": null,
              "text": "429 by Weir: rate_limited"},
  "assumed": ["user and password are right: they are not verified here"],
  "config": {"file": "weir.yaml", "version": 3, "digest": "abc123"},
  "request": {"method": "POST", "host": "a.example", "path": "/login", "client": "192.0.2.1",
              "secure": true},
  "site": {"name": "a.example", "host_rule": "*.example", "line": 38},
  "routes": [{"path": "/login", "kind": "prefix", "line": 51, "fate": "chosen", "differs": null},
             {"path": "/login", "kind": "prefix", "line": 54, "fate": "other_field",
              "differs": "X-Beta"},
             {"path": "/", "kind": "prefix", "line": 57, "fate": "shorter_prefix", "differs": null},
             {"path": "/x", "kind": "exact", "line": 60, "fate": "other_path", "differs": null}],
  "checks": [{"check": "request", "outcome": "passed", "detail": null},
             {"check": "ban", "outcome": "passed", "detail": null},
             {"check": "https", "outcome": "redirected", "detail": "redirect"},
             {"check": "methods", "outcome": "not_asked", "detail": "GET"}],
  "limits": [{"name": "login", "count": "all", "outcome": "refuses", "key": "192.0.2.1",
              "remaining": 0, "burst": 5, "concurrency": null, "retry_after_seconds": 12.0}],
  "cache": {"outcome": "bypass", "reason": "no_store", "key": null, "selected_by": null,
            "found": null, "age_seconds": null, "fresh_seconds": null, "refresh": false,
            "fetch": null},
  "target": {"kind": "proxy", "target": "/login", "root": null, "file": null, "reason": null,
             "location": null,
             "upstream": {"name": "shop", "app": false, "balance": "p2c", "placement": "chosen",
                          "chosen_by": "policy", "server": null, "panic": false, "waiting": 0,
                          "servers": [{"address": "10.0.0.1:80", "health": "up", "ejected": false,
                                       "warming": false, "backup": false, "full": false,
                                       "weight": 1, "in_flight": 2, "candidate": true}]}},
  "request_fields": {"set": [{"name": "X-Request-Id", "value": null}], "removed": []},
  "response_fields": {"set": [{"name": "X-Frame-Options", "value": "DENY"}],
                      "removed": ["server"]}})";

class explain_command : public testing::Test {
protected:
  explain_command() { context_.options.target.address = "unix:/run/a.sock"; }

  std::ostringstream out_, err_;
  console terminal_{out_, err_, false};
  test::manual_clock clock_;
  std::uint16_t status_ = 200;
  std::string body_ = limited;
  std::vector<std::string> calls_;
  command_context context_{{},
                           terminal_,
                           {[](const std::string&) { return std::nullopt; }, {}, false},
                           [this](const net::http_call& call) {
                             calls_.push_back(call.method + " " + call.target);
                             return net::http_answer{status_, {}, body_};
                           },
                           clock_,
                           [this](duration time) { clock_.advance(time); }};
};

TEST_F(explain_command, an_explanation_is_a_table) {
  EXPECT_EQ(explain(context_, {"POST", "https://a.example/login", {}, {}}), exit_ok);
  EXPECT_EQ(
      out_.str(),
      "STEP      WHAT                       WHERE         WHY\n"
      "site      a.example                  weir.yaml:38  host rule *.example\n"
      "route     /login                     weir.yaml:51  prefix\n"
      "  not     /login                     weir.yaml:54  other field X-Beta\n"
      "  not     /                          weir.yaml:57  shorter prefix\n"
      "  not     1 more                                   other path\n"
      "checks    request, ban                             passed\n"
      "check     https                                    redirected: redirect\n"
      "limit     login 192.0.2.1                          refuses, 0 of 5 left, again in 12s\n"
      "cache                                              bypass no store\n"
      "target    shop /login                              proxy\n"
      "  server  10.0.0.1:80                              up, candidate of p2c\n"
      "fields    request                                  sets X-Request-Id\n"
      "fields    response                                 sets X-Frame-Options; removes server\n"
      "assumed                                            user and password are right: they are "
      "not "
      "verified here\n"
      "verdict   429 by Weir: rate_limited\n");
}

TEST_F(explain_command, json_is_what_the_api_said) {
  context_.options.output = output_format::json;
  EXPECT_EQ(explain(context_, {"GET", "http://a.example/", {}, {}}), exit_ok);
  EXPECT_EQ(json_value::parse(out_.str()), json_value::parse(limited));
}

TEST_F(explain_command, everything_is_encoded_on_its_way) {
  explain(context_, {"GET", "http://a/?b=c&d", "2001:db8::1", {"X-A: 1 & 2", "X-B: 3"}});
  EXPECT_THAT(calls_,
              ElementsAre("GET /api/v1/explain?method=GET&url=http%3A%2F%2Fa%2F%3Fb%3Dc%26d"
                          "&from=2001%3Adb8%3A%3A1&field=X-A%3A%201%20%26%202&field=X-B%3A%203"));
}

TEST_F(explain_command, what_no_client_could_send_is_a_usage_error_and_asks_nobody) {
  EXPECT_EQ(explain(context_, {"GET", "a.example/login", {}, {}}), exit_usage);
  EXPECT_THAT(err_.str(), HasSubstr("http:// or https://"));
  EXPECT_EQ(explain(context_, {"GET", "http://a/", {}, {"no colon"}}), exit_usage);
  EXPECT_THAT(calls_, IsEmpty());
  status_ = 400; // of a node that is stricter
  body_ = R"({"detail": "not like this"})";
  EXPECT_EQ(explain(context_, {"GET", "http://a/", {}, {}}), exit_usage);
  EXPECT_THAT(err_.str(), HasSubstr("not like this"));
  status_ = 503;
  EXPECT_EQ(explain(context_, {"GET", "http://a/", {}, {}}), exit_failed);
  EXPECT_EQ(out_.str(), "");
}

} // namespace
} // namespace weir::cli
