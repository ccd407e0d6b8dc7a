// What the admin paths answer, to whom, without a socket.
#include "net/admin/admin_api.hpp"

#include "net/admin/admin_token.hpp"
#include "net/admin/embedded_asset.hpp"
#include "net/admin/node_metrics.hpp"
#include "tests/support/fake_node.hpp"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace weir::net {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class admin_api : public testing::Test {
protected:
  admin_response ask(std::string method, std::string path, admin_trust trust = admin_trust::full) {
    admin_request request;
    request.method = std::move(method);
    const auto mark = path.find('?');
    request.path = path.substr(0, mark);
    if (mark != std::string::npos) request.query = path.substr(mark + 1);
    request.trust = trust;
    admin_response seen;
    seen.status = 0;
    routes_.dispatch(request, [&](admin_response answer) { seen = std::move(answer); });
    return seen;
  }
  json body_of(const admin_response& answer) { return json::parse(answer.body); }

  testing_support::fake_node node_;
  admin_routes routes_ = make_admin_routes(node_);
};

TEST_F(admin_api, a_ready_node_says_so) {
  EXPECT_EQ(ask("GET", "/livez").status, 200u);
  EXPECT_EQ(ask("GET", "/readyz").body, "ready\n");
  EXPECT_EQ(ask("GET", "/readyz").status, 200u);
}

TEST_F(admin_api, a_draining_node_lives_and_is_healthy_but_is_not_ready) {
  node_.status_.state = node_state::draining;
  EXPECT_EQ(ask("GET", "/livez").status, 200u);
  EXPECT_EQ(ask("GET", "/healthz").status, 200u);
  auto ready = ask("GET", "/readyz");
  EXPECT_EQ(ready.status, 503u);
  EXPECT_EQ(ready.body, "draining\n");
}

TEST_F(admin_api, a_failed_check_makes_a_node_unready_and_verbose_names_it) {
  node_.checks_.push_back({"upstream api", false, "no server is up"});
  EXPECT_EQ(ask("GET", "/readyz").status, 503u);
  EXPECT_EQ(ask("GET", "/healthz").status, 503u);
  EXPECT_EQ(ask("GET", "/readyz?verbose").body,
            "[+] listeners ok\n[-] upstream api failed: no server is up\nnot ready\n");
}

TEST_F(admin_api, the_status_is_json_with_the_node_s_totals) {
  auto seen = body_of(ask("GET", "/api/v1/status"));
  EXPECT_EQ(seen["node"], "edge1");
  EXPECT_EQ(seen["requests_total"], 41);
  EXPECT_EQ(seen["responses_total"]["2xx"], 38);
  EXPECT_EQ(seen["config"]["version"], 17);
}

TEST_F(admin_api, the_cluster_lists_every_node_with_its_state) {
  auto seen = body_of(ask("GET", "/api/v1/cluster"));
  EXPECT_EQ(seen["name"], "shop");
  EXPECT_EQ(seen["nodes"][1]["state"], "suspect");
  EXPECT_EQ(seen["nodes"][1]["last_heard_seconds"], 2.1);
  EXPECT_TRUE(seen["nodes"][1]["requests_per_second"].is_null());
  EXPECT_EQ(body_of(ask("GET", "/api/v1/cluster/nodes/edge2"))["name"], "edge2");
  EXPECT_EQ(ask("GET", "/api/v1/cluster/nodes/edge9").status, 404u);
}

TEST_F(admin_api, text_that_is_not_utf8_does_not_break_the_json) {
  node_.upstreams_[0].servers[0].reason = "bad \xff byte";
  EXPECT_EQ(body_of(ask("GET", "/api/v1/upstreams"))["upstreams"][0]["name"], "api");
}

TEST_F(admin_api, metrics_are_served_as_prometheus_text) {
  auto seen = ask("GET", "/metrics");
  EXPECT_EQ(seen.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(seen.body, HasSubstr("weir_config_version 17"));
}

TEST_F(admin_api, draining_names_the_node) {
  EXPECT_EQ(ask("POST", "/api/v1/cluster/nodes/edge2/drain").status, 200u);
  EXPECT_EQ(ask("POST", "/api/v1/cluster/nodes/edge2/undrain").status, 200u);
  EXPECT_THAT(node_.asked_, ElementsAre("drain edge2", "undrain edge2"));
}

TEST_F(admin_api, a_rejected_reload_is_a_problem_with_the_diagnostics) {
  node_.outcome_ = {
      outcome_kind::rejected, "the file is not valid", {"weir.yaml:3:1: error: x"}, 17};
  auto seen = ask("POST", "/api/v1/reload");
  EXPECT_EQ(seen.status, 422u);
  EXPECT_EQ(seen.content_type, "application/problem+json");
  EXPECT_EQ(body_of(seen)["diagnostics"][0], "weir.yaml:3:1: error: x");
}

TEST_F(admin_api, each_outcome_has_its_status) {
  for (auto [kind, status] :
       std::vector<std::pair<outcome_kind, unsigned>>{{outcome_kind::done, 202},
                                                      {outcome_kind::unknown, 404},
                                                      {outcome_kind::conflict, 409},
                                                      {outcome_kind::failed, 500}}) {
    node_.outcome_.kind = kind;
    EXPECT_EQ(ask("POST", "/api/v1/stop").status, status);
  }
}

TEST_F(admin_api, changes_need_the_token_and_reading_does_not) {
  for (auto trust : {admin_trust::no_credentials, admin_trust::wrong_token}) {
    auto seen = ask("POST", "/api/v1/stop", trust);
    EXPECT_EQ(seen.status, 401u);
    EXPECT_THAT(seen.fields, ElementsAre(Pair("WWW-Authenticate", HasSubstr("Bearer"))));
    EXPECT_EQ(ask("GET", "/api/v1/status", trust).status, 200u);
  }
  EXPECT_EQ(ask("POST", "/api/v1/stop", admin_trust::changes_off).status, 403u);
  EXPECT_TRUE(node_.asked_.empty());
}

TEST_F(admin_api, a_wrong_method_is_told_the_right_ones) {
  auto seen = ask("DELETE", "/api/v1/status");
  EXPECT_EQ(seen.status, 405u);
  EXPECT_THAT(seen.fields, ElementsAre(Pair("Allow", "GET, HEAD")));
  EXPECT_EQ(ask("GET", "/api/v1/stop").status, 405u);
  EXPECT_EQ(ask("GET", "/nothing").status, 404u);
}

TEST_F(admin_api, an_unchanged_dashboard_is_not_sent_again) {
  admin_request request;
  request.method = "GET";
  request.path = "/";
  admin_response page;
  routes_.dispatch(request, [&](admin_response answer) { page = std::move(answer); });
  EXPECT_EQ(page.status, 200u);
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  request.if_none_match = page.fields[0].second;
  routes_.dispatch(request, [&](admin_response answer) { page = std::move(answer); });
  EXPECT_EQ(page.status, 304u);
  EXPECT_TRUE(page.body.empty());
}

TEST_F(admin_api, limits_and_bans_are_shown) {
  node_.limits_.limits.push_back({"login", {"ip"}, "5/min", 5, 0, false, true});
  node_.limits_.keys.push_back({"login", "192.0.2.1", 0, 1, 12s});
  auto seen = body_of(ask("GET", "/api/v1/limits"));
  EXPECT_EQ(seen["limits"][0]["rate"], "5/min");
  EXPECT_EQ(seen["limits"][0]["count"], "all");
  EXPECT_EQ(seen["limits"][0]["dry_run"], true);
  EXPECT_EQ(seen["keys"][0]["full_in_seconds"], 12);
  node_.bans_.push_back({"192.0.2.0/24", wall_time(1s), wall_time(2s), true, "why"});
  EXPECT_EQ(body_of(ask("GET", "/api/v1/bans"))["bans"][0]["until"], 2);
}

TEST_F(admin_api, bans_and_resets_are_orders_with_decoded_options) {
  EXPECT_EQ(ask("POST", "/api/v1/bans?network=192.0.2.0%2F24&for=2h&reason=too+many").status, 200u);
  EXPECT_EQ(ask("POST", "/api/v1/bans?network=192.0.2.1").status, 200u);
  EXPECT_EQ(ask("POST", "/api/v1/bans/remove?network=2001:db8::/48").status, 200u);
  EXPECT_EQ(ask("POST", "/api/v1/limits/reset?key=192.0.2.1%7C%2Fa&limit=login").status, 200u);
  EXPECT_THAT(node_.asked_, ElementsAre("ban 192.0.2.0/24 for 7200s: too many",
                                        "ban 192.0.2.1 for 3600s: by an operator",
                                        "unban 2001:db8::/48", "reset 192.0.2.1|/a of [login]"));
  node_.asked_.clear();
  for (const auto* wrong : {"/api/v1/bans", "/api/v1/bans?network=x", "/api/v1/bans/remove",
                            "/api/v1/bans?network=192.0.2.1&for=soon", "/api/v1/limits/reset",
                            "/api/v1/bans?network=192.0.2.1&for=1ms"})
    EXPECT_EQ(ask("POST", wrong).status, 400u) << wrong;
  EXPECT_EQ(ask("POST", "/api/v1/bans?network=192.0.2.1", admin_trust::no_credentials).status,
            401u);
  EXPECT_THAT(node_.asked_, ElementsAre());
}

TEST_F(admin_api, an_explanation_is_asked_for_with_a_decoded_request) {
  node_.explanation_.verdict = {"upstream", 0, "route", "", "pass to api"};
  node_.explanation_.routes = {{"/login", "prefix", 51, "chosen", ""},
                               {"/", "prefix", 0, "other_field", "X-Beta"}};
  node_.explanation_.limits = {{.name = "login",
                                .count = "all",
                                .outcome = "refuses",
                                .key = "192.0.2.1",
                                .remaining = 0,
                                .burst = 5,
                                .retry_after = 1500ms}};
  const auto answer = ask("GET",
                          "/api/v1/explain?method=POST&url=https%3A%2F%2Fa.example%2Flogin%3Fx"
                          "%3D1&from=192.0.2.1&field=X-Beta%3A+1&field=Cookie%3A%20a%3Db",
                          admin_trust::no_credentials);
  ASSERT_EQ(answer.status, 200u) << answer.body;
  EXPECT_EQ(node_.explained_.head, "POST /login?x=1 HTTP/1.1\r\nHost: a.example\r\nX-Beta: 1\r\n"
                                   "Cookie: a=b\r\n\r\n");
  EXPECT_EQ(node_.explained_.from.text(), "192.0.2.1");
  EXPECT_TRUE(node_.explained_.secure);
  const auto why = body_of(answer);
  EXPECT_EQ(why["verdict"]["text"], "pass to api");
  EXPECT_EQ(why["verdict"]["status"], nullptr);
  EXPECT_EQ(why["routes"][0]["line"], 51);
  EXPECT_EQ(why["routes"][1]["line"], nullptr);
  EXPECT_EQ(why["routes"][1]["differs"], "X-Beta");
  EXPECT_EQ(why["limits"][0]["remaining"], 0);
  EXPECT_EQ(why["limits"][0]["retry_after_seconds"], 1.5);
  EXPECT_EQ(why["cache"], nullptr);
  for (const auto* wrong : {"", "?url=", "?url=a.example", "?url=http%3A%2F%2Fa%2F&from=nowhere",
                            "?url=http%3A%2F%2Fa%2F&field=X", "?url=http%3A%2F%2Fa%2F&method=%20"})
    EXPECT_EQ(ask("GET", std::string("/api/v1/explain") + wrong).status, 400u) << wrong;
}

TEST_F(admin_api, the_openapi_document_describes_every_path) {
  auto document = body_of(ask("GET", "/openapi.json"));
  for (const auto& [method, path] : routes_.list()) {
    std::string name{path};
    if (name == "/" || name.starts_with("/dashboard/")) continue;
    if (auto at = name.find("{}"); at != std::string::npos) name.replace(at, 2, "{node}");
    ASSERT_TRUE(document["paths"].contains(name)) << name;
    EXPECT_TRUE(document["paths"][name].contains(method == "GET" ? "get" : "post")) << name;
  }
}

TEST(node_metrics, say_what_the_status_says) {
  testing_support::fake_node node;
  node.upstreams_[0].servers[0].ejected = true;
  metrics_writer out;
  collect_node_metrics(node, out);
  const auto text = out.text();
  for (const auto* line :
       {"weir_build_info{version=\"0.1.0\"} 1\n", "weir_node_state{state=\"ready\"} 1\n",
        "weir_node_state{state=\"draining\"} 0\n", "weir_config_version 17\n",
        "weir_upstream_up{upstream=\"api\",target=\"10.0.0.21:8000\"} 0\n"})
    EXPECT_THAT(text, HasSubstr(line));
}

TEST(admin_token, only_the_same_token_matches) {
  std::optional<admin_token> token{"secret"};
  EXPECT_EQ(trust_of("Bearer secret", token), admin_trust::full);
  EXPECT_EQ(trust_of("bearer  secret ", token), admin_trust::full);
  EXPECT_EQ(trust_of("Bearer secre", token), admin_trust::wrong_token);
  EXPECT_EQ(trust_of("Bearer ", token), admin_trust::no_credentials);
  EXPECT_EQ(trust_of("Basic secret", token), admin_trust::no_credentials);
  EXPECT_EQ(trust_of("Bearer secret", std::nullopt), admin_trust::changes_off);
}

} // namespace
} // namespace weir::net
