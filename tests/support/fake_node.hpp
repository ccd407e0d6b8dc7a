// A node for tests of the admin API: it says what the test has set, and remembers what it was asked
// to do.
#pragma once

#include "config/network.hpp"
#include "net/admin/node_view.hpp"

#include <utility>

namespace weir::testing_support {

class fake_node final : public net::node_view {
public:
  fake_node() {
    status_.node = "edge1";
    status_.cluster = "shop";
    status_.version = "0.1.0";
    status_.state = net::node_state::ready;
    status_.config_version = 17;
    status_.config_digest = "3fa9c1";
    status_.listeners = {{"http", "127.0.1.1:8080"}};
    status_.requests_total = 41;
    status_.responses_total = {1, 0, 38, 0, 2, 0};
    checks_ = {{"listeners", true, ""}};
    net::member_status self;
    self.name = "edge1";
    self.state = "ready";
    self.self = true;
    self.requests_per_second = 412;
    net::member_status silent;
    silent.name = "edge2";
    silent.state = "suspect";
    silent.last_heard = 2100ms;
    members_ = {self, silent};
    net::upstream_status api;
    api.name = "api";
    api.balance = "p2c";
    net::server_status server;
    server.address = "10.0.0.21:8000";
    server.health = "up";
    api.servers = {server};
    upstreams_ = {api};
  }

  net::node_status status() const override { return status_; }
  std::vector<net::member_status> members() const override { return members_; }
  std::vector<net::upstream_status> upstreams() const override { return upstreams_; }
  net::cache_report cache() const override { return cache_; }
  std::vector<net::ready_check> readiness() const override { return checks_; }
  net::limits_status limits() const override { return limits_; }
  std::vector<net::ban_status> bans() const override { return bans_; }
  net::explanation explain(const net::explain_request& asked) const override {
    explained_ = asked;
    return explanation_;
  }
  std::string metrics_text() const override {
    return "# TYPE weir_config_version gauge\nweir_config_version 17\n";
  }

  void reload(net::outcome_handler then) override { act("reload", std::move(then)); }
  void plan(const std::string& file, net::outcome_handler then) override {
    act("plan " + file, std::move(then));
  }
  void stop(net::outcome_handler then) override { act("stop", std::move(then)); }
  void drain(const std::string& node, bool on, net::outcome_handler then) override {
    act((on ? "drain " : "undrain ") + node, std::move(then));
  }

  void reset_limit(const std::string& key, const std::string& limit,
                   net::outcome_handler then) override {
    act("reset " + key + " of [" + limit + "]", std::move(then));
  }
  void ban(const net::ban_wish& wish, net::outcome_handler then) override {
    act("ban " + config::network_text(wish.network) + " for " +
            std::to_string(wish.time / std::chrono::seconds(1)) + "s: " + wish.reason,
        std::move(then));
  }
  void unban(const config::cidr& network, net::outcome_handler then) override {
    act("unban " + config::network_text(network), std::move(then));
  }

  net::node_status status_;
  std::vector<net::member_status> members_;
  std::vector<net::upstream_status> upstreams_;
  net::cache_report cache_{.memory_bytes = 1000,
                           .memory_objects = 3,
                           .disk_bytes = 4000,
                           .disk_objects = 5,
                           .fetches = 0,
                           .requests_total = {{"hit", 7}, {"miss", 2}}};
  std::vector<net::ready_check> checks_;
  net::limits_status limits_;
  std::vector<net::ban_status> bans_;
  net::explanation explanation_;
  mutable net::explain_request explained_; // the last
  net::action_outcome outcome_{net::outcome_kind::done, "done", {}, 18};
  bool answers_ = true;
  std::vector<std::string> asked_;

private:
  void act(std::string what, const net::outcome_handler& then) {
    asked_.push_back(std::move(what));
    if (answers_) then(outcome_);
  }
};

} // namespace weir::testing_support
