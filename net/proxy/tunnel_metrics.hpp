// What one shard counts about its tunnels.
#pragma once

#include "base/metrics.hpp"
#include "base/metrics_registry.hpp"
#include "net/proxy/tunnel_clock.hpp"

#include <array>

namespace weir::net {

/// Written by the shard, read by a scrape.
struct tunnel_metrics {
  gauge open_http;
  gauge open_https;
  counter bytes_up; // client to origin
  counter bytes_down;
  std::array<counter, tunnel_end_count> ended;

  void collect(metrics_writer& out) const;
};

} // namespace weir::net
