// The series of what is turned away, closed or put off.
#include "net/proxy/defence_metrics.hpp"

#include <string>

namespace weir::net {

void defence_metrics::collect(metrics_writer& out) const {
  for (std::size_t i = 1; i < shed.size(); ++i)
    out.counter("weir_shed_requests_total", "Requests answered 503 because of overload.",
                {{"reason", std::string(name_of(static_cast<overload_reason>(i)))}}, shed[i]);
  out.counter("weir_connections_refused_total", "Client connections closed at once.",
              {{"reason", "descriptors"}}, refused_descriptors);
  const auto evicted = [&](const char* reason, const counter& value) {
    out.counter("weir_connections_evicted_total", "Idle connections closed to make room.",
                {{"reason", reason}}, value);
  };
  evicted("node_full", evicted_node_full);
  evicted("descriptors", evicted_descriptors);
  out.counter("weir_accept_failures_total", "Times that a waiting connection was not accepted.",
              {{"reason", "descriptors"}}, accept_descriptors);
  out.counter("weir_tls_handshakes_deferred_total",
              "TLS handshake steps put off so that others get their turn.", {},
              handshakes_deferred);
  for (std::size_t i = 0; i < unannounced.size(); ++i)
    out.counter("weir_proxy_protocol_refused_total",
                "Connections of trusted balancers without a PROXY header.",
                {{"reason", std::string(name_of(static_cast<gate_refusal>(i)))}}, unannounced[i]);
}

} // namespace weir::net
