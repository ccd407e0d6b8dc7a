// The cluster's figures as Prometheus series.
#pragma once

#include "actors/cluster_keeper.hpp"
#include "base/metrics_registry.hpp"
#include "net/peer/peer_metrics.hpp"

namespace weir::actors {

/// Members by state, round trips, suspicions. Any thread.
void collect_members(const cluster_board& board, metrics_writer& out);
/// Lanes, strangers, dials. Any thread.
void collect_links(const net::peer_metrics& metrics, metrics_writer& out);

} // namespace weir::actors
