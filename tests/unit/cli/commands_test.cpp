// What the verbs print and how they end, against an admin API made of strings.
#include "cli/cache_commands.hpp"
#include "cli/cluster_commands.hpp"
#include "cli/node_commands.hpp"

#include "tests/support/manual_clock.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <map>
#include <sstream>

namespace weir::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto cluster_json = R"({"name":"shop","nodes":[
 {"name":"edge1","address":"10.0.0.11:7400","state":"ready","self":true,"version":"0.1.0",
  "config":{"version":17,"digest":"3fa9c1"},"requests_per_second":412,"uptime_seconds":266400,
  "last_heard_seconds":0,"rtt_seconds":null},
 {"name":"edge3","address":"10.0.0.13:7400","state":"suspect","self":false,"version":"0.1.0",
  "config":{"version":16,"digest":"b11e07"},"requests_per_second":null,"uptime_seconds":5,
  "last_heard_seconds":2.14,"rtt_seconds":null}]})";

class commands : public testing::Test {
protected:
  commands() { context_.options.target.address = "unix:/run/a.sock"; }

  result<net::http_answer> answer(const net::http_call& call) {
    calls_.push_back(call.method + " " + call.target);
    auto& queue = answers_[call.target];
    if (queue.empty()) return make_error_code(net::client_errc::connect_failed);
    auto [status, body] = queue.front();
    if (queue.size() > 1) queue.pop_front();
    return net::http_answer{status, {}, body};
  }
  void answers(const std::string& path, std::string body, std::uint16_t status = 200) {
    answers_[path].push_back({status, std::move(body)});
  }

  std::ostringstream out_, err_;
  console terminal_{out_, err_, false};
  test::manual_clock clock_;
  std::map<std::string, std::deque<std::pair<std::uint16_t, std::string>>> answers_;
  std::vector<std::string> calls_;
  command_context context_{{},
                           terminal_,
                           {[](const std::string&) { return std::nullopt; }, {}, false},
                           [this](const net::http_call& call) { return answer(call); },
                           clock_,
                           [this](duration time) { clock_.advance(time); }};
};

TEST_F(commands, members_are_a_table_as_wide_as_its_cells) {
  answers("/api/v1/cluster", cluster_json);
  EXPECT_EQ(members(context_), exit_ok);
  EXPECT_EQ(out_.str(),
            "NODE   ADDRESS         STATE    VERSION  CONFIG      RPS  UPTIME\n"
            "edge1  10.0.0.11:7400  ready    0.1.0    v17 3fa9c1  412  3d2h\n"
            "edge3  10.0.0.13:7400  suspect  0.1.0    v16 b11e07    -  last seen 2.1s ago\n");
}

TEST_F(commands, members_as_json_are_what_the_node_said) {
  context_.options.output = output_format::json;
  answers("/api/v1/cluster", cluster_json);
  EXPECT_EQ(members(context_), exit_ok);
  EXPECT_EQ(json_value::parse(out_.str()), json_value::parse(cluster_json));
}

TEST_F(commands, a_node_that_does_not_answer_is_exit_code_5_and_named) {
  EXPECT_EQ(members(context_), exit_unreachable);
  EXPECT_EQ(err_.str(), "weir: error: no node answers at unix:/run/a.sock\n");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(commands, waiting_ends_when_enough_nodes_are_ready) {
  std::string ready = cluster_json;
  ready.replace(ready.find("suspect"), 7, "ready");
  answers("/api/v1/cluster", cluster_json);
  answers("/api/v1/cluster", ready);
  EXPECT_EQ(wait(context_, {2, true, 30s}), exit_ok);
  EXPECT_EQ(err_.str(), "2 of 2 nodes are ready\n");
}

TEST_F(commands, waiting_in_vain_ends_at_the_timeout) {
  answers("/api/v1/cluster", cluster_json);
  EXPECT_EQ(wait(context_, {2, true, 3s}), exit_failed);
  EXPECT_THAT(err_.str(), HasSubstr("only 1 of 2 wanted nodes are ready after 3.0s"));
}

TEST_F(commands, waiting_for_a_node_that_never_answers_is_exit_code_5) {
  EXPECT_EQ(wait(context_, {1, true, 1s}), exit_unreachable);
}

TEST_F(commands, a_rejected_reload_prints_the_diagnostics_and_fails) {
  answers("/api/v1/reload",
          R"({"detail":"the file is not valid","diagnostics":["weir.yaml:3:1: error: x"]})", 422);
  EXPECT_EQ(reload(context_), exit_failed);
  EXPECT_EQ(err_.str(), "weir.yaml:3:1: error: x\nweir: error: the file is not valid\n");
}

TEST_F(commands, a_conflict_is_exit_code_4) {
  answers("/api/v1/reload", R"({"detail":"a reload is under way"})", 409);
  EXPECT_EQ(reload(context_), exit_conflict);
}

TEST_F(commands, stopping_waits_until_the_node_is_gone) {
  answers("/api/v1/stop", R"({"detail":"edge1 drains and ends"})", 202);
  EXPECT_EQ(stop(context_, 1s), exit_ok);
  EXPECT_THAT(calls_, ElementsAre("POST /api/v1/stop", "GET /livez"));
}

TEST_F(commands, a_node_that_does_not_end_is_a_failure) {
  answers("/api/v1/stop", R"({"detail":"edge1 drains and ends"})", 202);
  answers("/livez", "ok");
  EXPECT_EQ(stop(context_, 1s), exit_failed);
}

TEST_F(commands, draining_waits_for_the_requests_that_run) {
  answers("/api/v1/cluster/nodes/edge1/drain", "{}");
  answers("/api/v1/status", R"({"node":"edge1","requests_in_flight":2})");
  answers("/api/v1/status", R"({"node":"edge1","requests_in_flight":0})");
  EXPECT_EQ(drain(context_, "edge1", 10s), exit_ok);
  EXPECT_EQ(calls_.size(), 3u);
  EXPECT_EQ(err_.str(), "edge1 is out of service\n");
}

TEST_F(commands, a_name_that_would_change_the_path_is_never_sent) {
  EXPECT_EQ(drain(context_, "../../stop?x", 1s), exit_usage);
  EXPECT_TRUE(calls_.empty());
}

TEST_F(commands, the_cache_is_shown_with_what_it_did) {
  answers("/api/v1/cache/stats", R"({"memory":{"bytes":2048,"objects":3},
    "disk":{"bytes":0,"objects":0},"fetches":1,"requests_total":{"hit":7,"miss":2}})");
  EXPECT_EQ(cache_stats(context_), exit_ok);
  EXPECT_THAT(out_.str(), HasSubstr("memory objects      3\n"));
  EXPECT_THAT(out_.str(), HasSubstr("hit                 7\n"));
}

TEST_F(commands, control_characters_of_an_answer_never_reach_the_terminal) {
  answers("/api/v1/upstreams",
          R"({"upstreams":[{"name":"api","servers":[{"address":"a:1","health":"up",
    "ejected":false,"in_flight":0,"requests_total":1,"failures_total":0,"reason":"\u001b[2J"}]}]})");
  EXPECT_EQ(upstream_list(context_), exit_ok);
  EXPECT_THAT(out_.str(), HasSubstr("?[2J"));
}

TEST(admin_client, the_next_address_is_tried_and_the_good_one_kept) {
  std::vector<std::string> asked;
  std::vector<target> targets(2);
  targets[0] = {"edge1", *parse_target("unix:/a")};
  targets[1] = {"edge2", *parse_target("unix:/b")};
  admin_client client{targets, "", 1s, [&](const net::http_call& call) -> result<net::http_answer> {
                        asked.push_back(call.to.unix_path);
                        if (call.to.unix_path == "/a")
                          return make_error_code(net::client_errc::connect_failed);
                        return net::http_answer{200, {}, "{}"};
                      }};
  EXPECT_EQ(client.get("/x").node, "edge2");
  EXPECT_EQ(client.get("/x").node, "edge2");
  EXPECT_THAT(asked, ElementsAre("/a", "/b", "/b"));
}

TEST(admin_client, a_change_that_may_have_been_done_is_not_asked_of_another_node) {
  int asked = 0;
  admin_client client{{{"edge1", *parse_target("unix:/a")}, {"edge2", *parse_target("unix:/b")}},
                      "",
                      1s,
                      [&](const net::http_call&) -> result<net::http_answer> {
                        ++asked;
                        return make_error_code(net::client_errc::timed_out);
                      }};
  EXPECT_FALSE(client.post("/x").reached());
  EXPECT_EQ(asked, 1);
}

TEST(short_duration, two_units_at_most) {
  EXPECT_EQ(short_duration(2.14), "2.1s");
  EXPECT_EQ(short_duration(59), "59s");
  EXPECT_EQ(short_duration(250), "4m10s");
  EXPECT_EQ(short_duration(7260), "2h1m");
  EXPECT_EQ(short_duration(266'400), "3d2h");
}

} // namespace
} // namespace weir::cli
