// The series of the tunnels.
#include "net/proxy/tunnel_metrics.hpp"

#include <string>

namespace weir::net {

void tunnel_metrics::collect(metrics_writer& out) const {
  const auto bytes = [&](const char* way, const counter& value) {
    out.counter("weir_tunnel_bytes_total", "Bytes through tunnels that have ended.",
                {{"direction", way}}, value);
  };
  bytes("up", bytes_up);
  bytes("down", bytes_down);
  for (std::size_t i = 0; i < ended.size(); ++i)
    out.counter("weir_tunnels_ended_total", "Tunnels (WebSocket and others) by how they ended.",
                {{"reason", std::string(name_of(static_cast<tunnel_end>(i)))}}, ended[i]);
}

} // namespace weir::net
