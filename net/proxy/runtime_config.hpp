// A configuration made ready to run: settings, compiled routes, certificates and the node's server
// tables.
#pragma once

#include "config/settings.hpp"
#include "net/io/socket_address.hpp"
#include "net/route/request_key.hpp"
#include "net/route/site_table.hpp"
#include "net/tls/tls_client_context.hpp"
#include "net/tls/tls_context.hpp"
#include "net/upstream/server_table.hpp"
#include "net/upstream/sticky_cookies.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace weir::net {

/// Where a server is.
struct server_target {
  socket_address address;
  std::string name; // address and port, for logs
  std::string host; // as configured: the name to verify, unless the upstream's TLS says another
};

/// One upstream ready to run: shared by every shard's pool.
struct runtime_upstream {
  config::upstream_settings settings; // apps included, as upstreams of their own
  // Equal in objects that differ in the names' addresses only: a pool can go from one to the other.
  std::shared_ptr<const char> line;
  std::shared_ptr<server_table> servers;
  std::vector<server_target> targets;            // one per server of the table: where to connect
  std::unique_ptr<const sticky_cookies> sticky;  // null: off
  request_key key;                               // of balance `hash` and `ip_hash`; else empty
  std::shared_ptr<const tls_client_context> tls; // null: plain
};

/// Immutable and shared by all shards of a node; made by the config keeper for each snapshot.
struct runtime_config {
  config::snapshot_ptr snapshot;
  std::shared_ptr<const site_table> sites;
  std::shared_ptr<const tls_context> tls; // null without https
  std::vector<std::shared_ptr<const runtime_upstream>>
      upstreams;                   // by site_table::upstreams()'s index
  bool sends_proxy_header = false; // an upstream wants to be told the client's addresses
};

} // namespace weir::net
