// The configuration as plain values: what `weir.yaml` says after parsing, defaults filled in,
// secrets resolved. One struct per block of the file; a member's comment is its meaning and unit.
// Defaults live in defaults.hpp.
#pragma once

#include "base/clock.hpp"
#include "config/access_settings.hpp"
#include "config/address_settings.hpp"
#include "config/compress_settings.hpp"
#include "config/defaults.hpp"
#include "config/files_settings.hpp"
#include "config/limit_settings.hpp"
#include "config/source_lines.hpp"
#include "config/upstream_settings.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace weir::config {

using std::chrono::milliseconds;

// -- listeners, limits, TLS -----------------------------------------------------------------------

struct listen_settings {
  std::vector<endpoint_address> http;
  std::vector<endpoint_address> https;
  std::vector<cidr> trusted_proxies; // whose X-Forwarded-* and Forwarded is believed
  std::vector<cidr> proxy_protocol;  // who begins each connection with a PROXY header
  bool operator==(const listen_settings&) const = default;
};

/// How long a client may take for what. `request` ends with the response's header.
struct timeout_settings {
  milliseconds header = defaults::header_timeout;
  milliseconds body = defaults::body_timeout;   // between two reads of a request body
  milliseconds idle = defaults::idle_timeout;   // keep-alive
  milliseconds write = defaults::write_timeout; // between two successful writes to the client
  milliseconds request = defaults::request_timeout;
  milliseconds tunnel = defaults::tunnel_timeout; // silence of both sides after a 101
  bool operator==(const timeout_settings&) const = default;
};

struct limit_settings {
  std::uint64_t connections = defaults::connections;
  std::uint32_t connections_per_ip = defaults::connections_per_ip;
  std::uint32_t header_bytes = defaults::header_bytes;
  std::uint32_t headers = defaults::headers;
  std::uint64_t body_bytes = defaults::body_bytes;
  std::uint32_t encoders = defaults::encoders; // of each shard, at once
  std::uint64_t rate_limit_memory = defaults::rate_limit_memory;
  std::uint32_t body_rate = defaults::body_rate; // bytes a second, on average; 0: any
  timeout_settings timeouts;
  bool operator==(const limit_settings&) const = default;
};

struct certificate_files {
  std::string cert;
  std::string key;
  bool operator==(const certificate_files&) const = default;
};

enum class tls_version : std::uint8_t { v1_2, v1_3 };

struct tls_settings {
  std::vector<certificate_files> certificates;
  tls_version min_version = tls_version::v1_2;
  bool session_tickets = true;
  std::string client_ca;  // of the sites that ask for certificates and name no other
  std::string client_crl; // goes with it
  bool operator==(const tls_settings&) const = default;
};

// -- apps -----------------------------------------------------------------------------------------

struct app_timeouts {
  milliseconds start = defaults::app_start;
  milliseconds graceful = defaults::app_graceful;
  bool operator==(const app_timeouts&) const = default;
};

/// A supervised app server. Its upstream is made by `app_upstream()` and has the app's name.
struct app_settings {
  std::string name;
  std::vector<std::string> command; // "{socket}" and "{port}" are replaced
  std::string dir;
  std::string venv;
  std::map<std::string, std::string> env;
  std::string env_file;
  std::string user;
  std::string group;
  app_timeouts timeouts;
  std::optional<health_settings> health;
  bool operator==(const app_settings&) const = default;
};

// -- sites and routes -----------------------------------------------------------------------------

/// automatic: redirect when a certificate exists.
enum class https_mode : std::uint8_t { automatic, redirect, only, off };

struct header_rules {
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> remove;
  bool empty() const { return set.empty() && remove.empty(); }
  bool operator==(const header_rules&) const = default;
};

struct header_settings {
  header_rules response;
  header_rules request;
  bool operator==(const header_settings&) const = default;
};

struct redirect_settings {
  std::string to; // "$name" is replaced by a capture
  std::uint16_t code = defaults::redirect_code;
  bool operator==(const redirect_settings&) const = default;
};

struct respond_settings {
  std::uint16_t status = defaults::respond_status;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  bool operator==(const respond_settings&) const = default;
};

struct upstream_ref {
  std::string name;
  bool operator==(const upstream_ref&) const = default;
};
struct app_ref {
  std::string name;
  bool operator==(const app_ref&) const = default;
};

/// What answers a request. monostate: nothing said (a route inherits the site's; a site without one
/// answers 404).
using action_settings = std::variant<std::monostate, upstream_ref, app_ref, files_settings,
                                     redirect_settings, respond_settings>;

struct match_settings {
  std::vector<std::string> methods;
  std::vector<std::pair<std::string, std::string>> headers;
  std::vector<std::pair<std::string, std::string>> query;
  std::vector<std::pair<std::string, std::string>> cookies;
  bool operator==(const match_settings&) const = default;
};

enum class path_kind : std::uint8_t { prefix, exact, regex };

/// What of a request, besides its URL, makes another response.
struct cache_key_settings {
  std::vector<std::string> drop_query; // parameters that make none; "utm_*" for all that begin so
  std::vector<std::string> query;      // not empty: only these parameters count
  std::vector<std::string> headers;
  std::vector<std::string> cookies;
  bool operator==(const cache_key_settings&) const = default;
};

struct cache_settings {
  bool enabled = true;                     // false: `off`
  std::optional<std::chrono::seconds> ttl; // where the response gives no freshness of its own
  std::chrono::seconds negative_ttl = defaults::cache_negative_ttl;
  std::chrono::seconds stale{0};          // served while it is fetched anew
  std::chrono::seconds stale_on_error{0}; // served when the origin fails
  std::vector<std::string> bypass_cookie;
  std::string tags; // the response field that lists them; empty: none
  std::uint64_t object_bytes = defaults::cache_object_bytes;
  bool set_cookie = false; // store responses that set cookies, without the cookies
  cache_key_settings key;
  bool operator==(const cache_settings&) const = default;
};

/// What may stand on a site and, overriding it, on a route.
struct policy_settings {
  std::optional<std::vector<std::string>> methods;
  std::vector<cidr> deny;
  std::vector<cidr> allow;
  header_settings headers;
  std::string cache_control; // Cache-Control of `files`
  std::optional<limit_settings> limits;
  std::optional<compress_settings> compress; // none: as outside, and there off
  std::vector<error_page_file> error_pages;
  std::optional<send_files_settings> send_files;
  /// A route's come on top of its site's; given but empty: none, the site's neither.
  std::optional<std::vector<rate_limit_settings>> rate_limits;
  access_settings access;
  std::optional<cache_settings> cache;
  bool operator==(const policy_settings&) const = default;
};

struct route_settings {
  path_kind kind = path_kind::prefix;
  std::string path;
  std::int32_t priority = 0;
  match_settings match;
  std::string rewrite; // empty: none
  std::string strip_prefix;
  policy_settings policy;
  action_settings action;
  bool operator==(const route_settings&) const = default;
};

struct site_settings {
  std::vector<std::string> hosts; // exact, "*.example.com", or "*"
  std::string canonical;
  https_mode https = https_mode::automatic;
  std::optional<std::chrono::seconds> hsts;
  site_tls_settings tls;
  policy_settings policy;
  action_settings action;
  std::vector<route_settings> routes;
  std::string name() const { return hosts.empty() ? std::string{} : hosts.front(); }
  bool operator==(const site_settings&) const = default;
};

// -- node and cluster -----------------------------------------------------------------------------

struct node_settings {
  std::string name;
  std::string address;
  std::uint16_t http = 0; // 0: the port of `listen`
  std::uint16_t https = 0;
  std::uint16_t peer = defaults::peer_port;
  std::string data; // empty: <store.path>/<name>
  bool operator==(const node_settings&) const = default;
};

struct cluster_settings {
  std::string name = defaults::cluster_name;
  std::vector<node_settings> nodes; // empty: a single node
  std::string store_path;           // where <store_path>/<node> lives
  std::uint64_t cache_memory = defaults::cache_memory;
  std::uint64_t cache_disk = defaults::cache_disk; // 0: memory only
  bool clustered() const { return nodes.size() > 1; }
  bool operator==(const cluster_settings&) const = default;
};

struct admin_settings {
  std::vector<endpoint_address> listen; // default: unix:<data>/weir.sock
  std::string token_file;
  bool operator==(const admin_settings&) const = default;
};

struct log_settings {
  bool access = true;
  std::string access_format = "json"; // as access_line::make takes it
  std::string access_path = "stdout";
  std::string level = "info";
  bool operator==(const log_settings&) const = default;
};

/// The whole file.
struct settings {
  cluster_settings cluster;
  std::uint32_t shards = 0; // 0: one per core
  listen_settings listen;
  admin_settings admin;
  limit_settings limits;
  tls_settings tls;
  log_settings log;
  tracing_settings tracing;
  std::vector<upstream_settings> upstreams;
  std::vector<app_settings> apps;
  std::vector<site_settings> sites;
  ban_settings bans;
  std::string user;
  std::string group;
  std::string folder;        // absolute folder of the file: relative paths were resolved against it
  bool caches() const;       // some site or route does
  bool asks_clients() const; // some site asks for certificates
  bool operator==(const settings&) const = default;
};

/// An immutable, versioned configuration, shared by pointer; a request finishes on the one it began
/// with.
struct snapshot {
  std::uint64_t version = 0; // 1 at start, +1 per reload
  std::string digest;        // short hex hash of the file's text
  settings values;
  source_lines source = {};
};
using snapshot_ptr = std::shared_ptr<const snapshot>;

} // namespace weir::config
