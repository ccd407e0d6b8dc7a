// Metrics that follow from what the admin API shows, so that the two never disagree.
#pragma once

#include "base/metrics_registry.hpp"
#include "net/admin/node_view.hpp"

namespace weir::net {

/// Adds weir_build_info, weir_node_state, weir_config_version, weir_upstream_up,
/// weir_upstream_ejections_total, weir_health_checks_total, weir_log_dropped_lines_total and
/// process_*. Where node_view may be called only.
void collect_node_metrics(const node_view& node, metrics_writer& out);

} // namespace weir::net
