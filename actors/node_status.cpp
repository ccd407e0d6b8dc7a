// The node, its upstreams and its readiness, as values.
#include "actors/node_status.hpp"

#include "actors/admin_members.hpp"
#include "actors/limit_status.hpp"
#include "actors/signals.hpp"
#include "cluster/errc.hpp"
#include "config/network.hpp"

#include <unistd.h>

#include <algorithm>

namespace weir::actors {

namespace {

net::server_status row_of(const net::server_view& server) {
  net::server_status row;
  row.address = server.address.text();
  row.health = net::name_of(server.health);
  row.reason = server.health_reason;
  row.ejected = server.ejected;
  row.weight = server.weight;
  row.backup = server.backup;
  row.gone = server.gone;
  row.warming = server.warming;
  row.in_flight = server.in_flight;
  row.failures_total = server.failures;
  for (std::size_t i = 0; i < net::ejection_reason_count; ++i)
    row.ejections_total.emplace_back(net::name_of(static_cast<net::ejection_reason>(i)),
                                     server.ejections[i]);
  row.checks_passed_total = server.checks_passed;
  row.checks_failed_total = server.checks_failed;
  return row;
}

/// Only of limits that there are.
std::vector<std::pair<std::string, bool>> circuits_of(const net::runtime_upstream& upstream) {
  const auto& settings = upstream.settings;
  std::vector<std::pair<std::string, bool>> rows;
  const auto add = [&](net::breaker which, std::uint32_t limit) {
    rows.emplace_back(net::name_of(which), upstream.servers->breakers()->taken(which) >= limit);
  };
  if (settings.max_requests > 0) add(net::breaker::requests, settings.max_requests);
  if (settings.queue.size > 0) add(net::breaker::pending, settings.queue.size);
  if (settings.retries.at_once > 0) add(net::breaker::retries, settings.retries.at_once);
  return rows;
}

net::action_outcome translated(const reload_outcome& outcome) {
  using from = reload_outcome::kind;
  const auto kind = outcome.how == from::done       ? net::outcome_kind::done
                    : outcome.how == from::rejected ? net::outcome_kind::rejected
                                                    : net::outcome_kind::failed;
  return {kind, outcome.detail, outcome.diagnostics, outcome.version};
}

net::action_outcome drain_outcome(error_code failed, std::uint64_t version) {
  using net::outcome_kind;
  if (!failed) return {outcome_kind::done, "done", {}, version};
  const auto kind = failed == cluster::errc::unknown_member ? outcome_kind::unknown
                    : failed == cluster::errc::busy         ? outcome_kind::conflict
                                                            : outcome_kind::failed;
  return {kind, failed.message(), {}, version};
}

} // namespace

node_status_board::node_status_board(const node_place& place, data_plane& plane,
                                     const metrics_registry& metrics, net::control_loop& control,
                                     const config_keeper_door& keeper, const ban_desk& bans)
    : place_(place), plane_(plane), metrics_(metrics), control_(control), keeper_(keeper),
      bans_(bans), started_(system_clock().wall()), started_steady_(system_clock().steady()) {}

void node_status_board::install(const runtime_config_ptr& config) {
  const std::lock_guard lock(mutex_);
  config_ = config;
}

runtime_config_ptr node_status_board::config() const {
  const std::lock_guard lock(mutex_);
  return config_;
}

void node_status_board::begin_serving() {
  auto starting = net::node_state::starting;
  state_.compare_exchange_strong(starting, net::node_state::ready);
}

double node_status_board::request_rate() const {
  const auto total = plane_.totals().requests;
  const std::lock_guard lock(mutex_);
  return rate_.look(system_clock().steady(), total);
}

cluster::local_facts node_status_board::facts() const {
  const auto current = config();
  cluster::local_facts own;
  switch (state_.load()) {
  case net::node_state::starting:
    own.state = cluster::condition::starting;
    break;
  case net::node_state::stopping:
    own.state = cluster::condition::stopped;
    break;
  case net::node_state::ready:
  case net::node_state::draining:
    own.state = cluster::condition::ready;
    break;
  }
  own.version = WEIR_VERSION;
  own.config_version = current->snapshot->version;
  own.config_digest = current->snapshot->digest;
  own.rps = static_cast<std::uint64_t>(request_rate());
  return own;
}

net::node_status node_status_board::status() const {
  const auto current = config();
  const auto totals = plane_.totals();
  net::node_status now;
  now.node = place_.self().name;
  now.cluster = place_.cluster();
  now.version = WEIR_VERSION;
  now.state = state_;
  now.pid = ::getpid();
  now.shards = static_cast<std::uint32_t>(plane_.shards());
  now.started = started_;
  now.uptime = system_clock().steady() - started_steady_;
  now.config_version = current->snapshot->version;
  now.config_digest = current->snapshot->digest;
  for (const auto& each : plane_.addresses())
    now.listeners.push_back({each.secure ? "https" : "http", each.address.text()});
  now.node_id = cluster_->id().text();
  now.requests_per_second = request_rate();
  now.requests_total = totals.requests;
  now.responses_total = totals.responses;
  now.bytes_in_total = totals.request_bytes;
  now.bytes_out_total = totals.response_bytes;
  now.requests_in_flight = static_cast<std::uint64_t>(std::max<std::int64_t>(totals.in_flight, 0));
  now.connections = totals.connections;
  return now;
}

std::vector<net::member_status> node_status_board::members() const {
  return admin_members(*cluster_->members(), system_clock().steady());
}

std::vector<net::upstream_status> node_status_board::upstreams() const {
  const auto current = config();
  const auto& apps = current->snapshot->values.apps;
  const auto pools = plane_.pools();
  const auto now = system_clock().steady();
  std::vector<net::upstream_status> rows;
  for (const auto& each : current->upstreams) {
    auto& row = rows.emplace_back();
    row.name = each->settings.name;
    row.balance = net::name_of(each->settings.balance);
    row.app = std::any_of(apps.begin(), apps.end(),
                          [&](const auto& app) { return app.name == row.name; });
    row.circuits = circuits_of(*each);
    for (const auto& server : each->servers->view(now))
      row.servers.push_back(row_of(server));
    for (const auto& pool : pools) {
      if (pool.upstream != row.name) continue;
      for (std::size_t i = 0; i < std::min(pool.answers.size(), row.servers.size()); ++i) {
        row.servers[i].requests_total = pool.answers[i];
        row.requests_total += pool.answers[i];
      }
      row.queue_length = static_cast<std::uint32_t>(pool.queued);
      row.retries_total = pool.retries;
    }
    // Of those that were taken out, only what still has requests is worth a line.
    std::erase_if(row.servers,
                  [](const auto& server) { return server.gone && server.in_flight == 0; });
  }
  return rows;
}

net::cache_report node_status_board::cache() const {
  return plane_.cache();
}

std::vector<net::ready_check> node_status_board::readiness() const {
  const auto state = state_.load();
  const auto current = config();
  std::vector<net::ready_check> checks{
      {"state", state == net::node_state::ready, std::string(net::to_string(state))},
      {"config", true, "version " + std::to_string(current->snapshot->version)}};
  const auto now = system_clock().steady();
  for (const auto& each : current->upstreams) {
    auto servers = each->servers->view(now);
    std::erase_if(servers, [](const auto& server) { return server.gone; });
    const auto up = std::count_if(servers.begin(), servers.end(), [](const auto& server) {
      return server.health == net::server_health::up;
    });
    checks.push_back({"upstream " + each->settings.name, up > 0,
                      std::to_string(up) + " of " + std::to_string(servers.size()) + " up"});
  }
  return checks;
}

/// Carries the keeper's word to the control loop's thread.
reload_handler node_status_board::telling(net::outcome_handler then) const {
  return std::make_shared<const std::function<void(const reload_outcome&)>>(
      [&loop = control_, then = std::move(then)](const reload_outcome& outcome) {
        loop.post([then, answer = translated(outcome)] { then(answer); });
      });
}

void node_status_board::reload(net::outcome_handler then) {
  keeper_.reload(telling(std::move(then)));
}

void node_status_board::plan(const std::string& file, net::outcome_handler then) {
  keeper_.plan(file, telling(std::move(then)));
}

void node_status_board::stop(net::outcome_handler then) {
  then({net::outcome_kind::done, "stopping", {}, config()->snapshot->version});
  request_stop();
}

void node_status_board::drain(const std::string& node, bool on, net::outcome_handler then) {
  cluster_->drain(node, on,
                  [&loop = control_, version = config()->snapshot->version,
                   then = std::move(then)](error_code failed) {
                    loop.post([then, answer = drain_outcome(failed, version)] { then(answer); });
                  });
}

net::limits_status node_status_board::limits() const {
  return show_limits(plane_.rate_limits(), *config()->sites, system_clock().steady());
}

std::vector<net::ban_status> node_status_board::bans() const {
  return show_bans(*bans_.board());
}

void node_status_board::reset_limit(const std::string& key, const std::string& limit,
                                    net::outcome_handler then) {
  const auto current = config();
  auto outcome = actors::reset_limit(plane_.rate_limits(), *current->sites, key, limit);
  outcome.config_version = current->snapshot->version;
  then(outcome);
}

void node_status_board::ban(const net::ban_wish& wish, net::outcome_handler then) {
  order_ban({ban_order::verb::add, wish.network, wish.time, wish.reason, {}}, std::move(then));
}

void node_status_board::unban(const config::cidr& network, net::outcome_handler then) {
  order_ban({ban_order::verb::remove, network, {}, {}, {}}, std::move(then));
}

void node_status_board::order_ban(ban_order wanted, net::outcome_handler then) {
  wanted.then = [&loop = control_, version = config()->snapshot->version,
                 network = config::network_text(wanted.network),
                 added = wanted.what == ban_order::verb::add,
                 then = std::move(then)](error_code failed) {
    auto outcome = ban_outcome_of(failed, network, added);
    outcome.config_version = version;
    loop.post([then, outcome] { then(outcome); });
  };
  bans_.order(std::move(wanted));
}

} // namespace weir::actors
