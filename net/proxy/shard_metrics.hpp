// What one shard counts about its clients and their requests.
#pragma once

#include "base/metrics.hpp"
#include "base/metrics_registry.hpp"
#include "net/cache/cache_status.hpp"
#include "net/io/stream.hpp"
#include "net/proxy/auth_answer.hpp"
#include "net/proxy/code_counts.hpp"
#include "net/proxy/defence_metrics.hpp"
#include "net/proxy/reasons.hpp"
#include "net/proxy/tunnel_metrics.hpp"
#include "net/route/site_table.hpp"
#include "net/tls/client_verdict.hpp"

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace weir::net {

/// One site and route (or the site's own action) on one shard.
struct route_metrics {
  code_counts requests;
  histogram duration_seconds;
  gauge in_flight; // since routing
  std::array<counter, cache_outcome_count> cache;
};

/// Which route_metrics belong to the routes of one site_table.
class route_metrics_index {
public:
  route_metrics& of(const site_table& table, const routing& route) const;
  /// Requests that no site took.
  route_metrics& none() const { return *none_; }

private:
  friend class shard_metrics;
  std::vector<std::vector<route_metrics*>> by_site_; // [site][0: own action, 1 + route]
  route_metrics* none_ = nullptr;
};

/// Written by the shard, read by a scrape. Series survive a reload: they are kept by name.
class shard_metrics {
public:
  counter accepted;
  counter refused_node_full;
  counter refused_address_full;
  gauge connections_http;
  gauge connections_https;
  gauge in_flight;
  counter request_bytes;
  counter response_bytes;
  std::array<counter, 6> responses; // by status class; 0: none was sent
  std::array<counter, end_reason_count> ended;
  std::array<counter, routing_reason_count> refused;
  counter handshakes_tls12, handshakes_tls12_resumed, handshakes_tls13, handshakes_tls13_resumed;
  counter handshakes_failed;
  tunnel_metrics tunnels;
  defence_metrics defence;
  std::array<counter, client_verdict_count> client_certificates; // at handshakes that ask
  std::array<counter, auth_outcome_count> auth_answers;
  histogram auth_seconds;
  gauge auth_under_way;

  /// Series for every route of `table`.
  route_metrics_index index(const site_table& table);
  void count_handshake(const stream& io, bool succeeded);
  void count_certificate(client_verdict verdict) {
    client_certificates[static_cast<std::size_t>(verdict)].add();
  }
  /// Over all routes; any thread.
  std::uint64_t cache_total(cache_outcome outcome) const;
  /// Writes everything; any thread.
  void collect(metrics_writer& out) const;

private:
  route_metrics& series(const std::string& site, const std::string& route);
  void collect_handshakes(metrics_writer& out) const;
  void collect_guards(metrics_writer& out) const;
  void collect_routes(metrics_writer& out) const;

  mutable std::mutex mutex_; // guards the map, not the counters in it
  std::map<std::pair<std::string, std::string>, std::unique_ptr<route_metrics>> routes_;
};

} // namespace weir::net
