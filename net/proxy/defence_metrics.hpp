// What one shard counts of what it does against too much: of connections, requests, handshakes.
#pragma once

#include "base/metrics.hpp"
#include "base/metrics_registry.hpp"
#include "net/proxy/overload.hpp"
#include "net/proxy/proxy_gate.hpp"

#include <array>

namespace weir::net {

/// Written by the shard, read by a scrape.
struct defence_metrics {
  std::array<counter, overload_reason_count> shed;
  counter evicted_node_full;
  counter evicted_descriptors;
  counter refused_descriptors; // the rest is for admin, health checks and origins
  counter accept_descriptors;  // connections waited because no descriptor was free
  counter handshakes_deferred; // steps put off to the next round of the loop
  std::array<counter, gate_refusal_count> unannounced;

  void collect(metrics_writer& out) const;
};

} // namespace weir::net
