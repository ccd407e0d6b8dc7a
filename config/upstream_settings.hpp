// The configuration of upstreams as plain values: one struct per block, a member's comment is its
// meaning and unit.
#pragma once

#include "config/address_settings.hpp"
#include "config/defaults.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::config {

using std::chrono::milliseconds;

enum class balance_policy : std::uint8_t { p2c, round_robin, least_requests, ewma, ip_hash, hash };

struct server_settings {
  endpoint_address address;
  std::uint32_t weight = defaults::weight;
  bool backup = false;               // only when no other server can be used
  std::uint32_t max_connections = 0; // per node; 0: the upstream's
  bool operator==(const server_settings&) const = default;
};

struct health_settings {
  std::string path = "/";
  milliseconds every = defaults::health_every;
  milliseconds timeout = defaults::health_timeout;
  std::uint32_t fail = defaults::health_fail;
  std::uint32_t pass = defaults::health_pass;
  std::uint16_t expect_from = defaults::health_expect_from;
  std::uint16_t expect_to = defaults::health_expect_to;
  std::string host; // empty: the upstream's `host`, else the first site's host that uses it
  bool operator==(const health_settings&) const = default;
};

struct outlier_settings {
  std::uint32_t consecutive_failures = defaults::outlier_failures;
  std::uint32_t success_percent = 0; // a smaller share of successes ejects too; 0: not looked at
  std::uint32_t requests = defaults::outlier_requests; // so many make a share
  milliseconds window = defaults::outlier_window;
  milliseconds eject = defaults::outlier_eject;
  std::uint32_t max_ejected_percent = defaults::outlier_max_percent;
  bool operator==(const outlier_settings&) const = default;
};

struct queue_settings {
  std::uint32_t size = defaults::queue_size;
  milliseconds timeout = defaults::queue_timeout;
  bool operator==(const queue_settings&) const = default;
};

struct retry_settings {
  std::uint32_t attempts = defaults::retry_attempts; // tries in all, the first one included
  std::uint32_t budget_percent = defaults::retry_budget_percent;
  std::uint32_t at_once = 0; // repeats of this node under way; 0: as many as the budget allows
  bool on_connect = true;
  bool on_reset = true;
  std::vector<std::uint16_t> on_status = {502, 503, 504};
  bool operator==(const retry_settings&) const = default;
};

/// How long the first byte of an answer is waited for before another server is asked too.
struct hedge_delay {
  milliseconds fixed{0}; // 0: the percentile of the answers so far
  std::uint32_t percentile = defaults::hedge_percentile;
  bool operator==(const hedge_delay&) const = default;
};

struct hedge_settings {
  hedge_delay after;
  std::uint32_t max_percent = defaults::hedge_max_percent; // of the requests
  bool operator==(const hedge_settings&) const = default;
};

struct upstream_timeouts {
  milliseconds connect = defaults::connect_timeout;
  milliseconds first_byte = defaults::first_byte_timeout;
  milliseconds idle = defaults::upstream_idle_timeout;
  bool operator==(const upstream_timeouts&) const = default;
};

struct upstream_tls_settings {
  bool verify = true;
  std::string ca;          // empty: the system's
  std::string server_name; // empty: the server's host
  bool operator==(const upstream_tls_settings&) const = default;
};

/// Whether connections to an upstream begin with a PROXY header.
enum class proxy_protocol_mode : std::uint8_t { off, v1, v2 };

/// A client keeps to its server by a signed cookie.
struct sticky_settings {
  std::string cookie;
  std::chrono::seconds ttl{0}; // 0: until the browser is closed
  bool operator==(const sticky_settings&) const = default;
};

/// How names among the servers are looked up, again and again.
struct resolve_settings {
  bool enabled = true;                      // false: once, when the file is loaded
  std::vector<std::string> servers;         // "address:port" of DNS servers; empty: the system's
  milliseconds min = defaults::resolve_min; // bounds of the records' lifetime
  milliseconds max = defaults::resolve_max;
  milliseconds timeout = defaults::resolve_timeout;
  bool operator==(const resolve_settings&) const = default;
};

struct upstream_settings {
  std::string name;
  std::vector<server_settings> servers;
  balance_policy balance = balance_policy::p2c;
  std::string hash_key;            // of `hash`: a key_template
  milliseconds slow_start{0};      // 0: none
  std::uint32_t panic_percent = 0; // 0: never
  std::uint32_t max_requests = 0;  // of this node at once; 0: no limit
  std::optional<sticky_settings> sticky;
  resolve_settings resolve;
  std::string host; // Host sent upstream; empty: the client's, unchanged
  std::optional<health_settings> health;
  outlier_settings outlier;
  std::uint32_t max_connections = defaults::max_connections; // per server and node
  queue_settings queue;
  retry_settings retries;
  std::optional<hedge_settings> hedge;
  upstream_timeouts timeouts;
  std::optional<upstream_tls_settings> tls;
  proxy_protocol_mode proxy_protocol = proxy_protocol_mode::off;
  bool supervised = false; // an app's: when it refuses connections it is being restarted
  bool operator==(const upstream_settings&) const = default;
};

} // namespace weir::config
