// From node_view's values to series.
#include "net/admin/node_metrics.hpp"

#include "base/log.hpp"
#include "base/process_metrics.hpp"

namespace weir::net {
namespace {

/// One series per state, 1 for the one that holds: a state that is gone shows as 0, not as a gap.
void collect_state(node_state now, metrics_writer& out) {
  for (auto state :
       {node_state::starting, node_state::ready, node_state::draining, node_state::stopping})
    out.gauge("weir_node_state", "1 for the state the node is in.",
              {{"state", std::string{to_string(state)}}}, state == now ? 1.0 : 0.0);
}

void collect_server(const labels& series, const server_status& server, metrics_writer& out) {
  out.gauge("weir_upstream_up", "1 while requests may be sent to the server.", series,
            server.health != "down" && !server.ejected && !server.gone ? 1.0 : 0.0);
  for (const auto& [reason, count] : server.ejections_total) {
    auto with_reason = series;
    with_reason.emplace_back("reason", reason);
    out.counter("weir_upstream_ejections_total",
                "Times the server was taken out for failing requests.", with_reason,
                static_cast<double>(count));
  }
  auto checks = [&](const char* result, std::uint64_t count) {
    auto with_result = series;
    with_result.emplace_back("result", result);
    out.counter("weir_health_checks_total", "Active health checks, by result.", with_result,
                static_cast<double>(count));
  };
  checks("passed", server.checks_passed_total);
  checks("failed", server.checks_failed_total);
}

} // namespace

void collect_node_metrics(const node_view& node, metrics_writer& out) {
  const auto status = node.status();
  out.gauge("weir_build_info", "1; the labels say what runs.", {{"version", status.version}}, 1.0);
  collect_state(status.state, out);
  out.gauge("weir_config_version", "Version of the configuration in force.", {},
            static_cast<double>(status.config_version));
  for (const auto& upstream : node.upstreams()) {
    for (const auto& [limit, reached] : upstream.circuits)
      out.gauge("weir_upstream_circuit_open", "1 while a limit of the upstream is reached.",
                {{"upstream", upstream.name}, {"limit", limit}}, reached ? 1.0 : 0.0);
    for (const auto& server : upstream.servers)
      collect_server({{"upstream", upstream.name}, {"target", server.address}}, server, out);
  }
  out.counter("weir_log_dropped_lines_total", "Lines of the node's log lost to a full queue.", {},
              static_cast<double>(log::dropped_lines()));
  collect_process_metrics(out);
}

} // namespace weir::net
