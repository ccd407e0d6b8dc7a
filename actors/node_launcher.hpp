// Starts processes of one node of a file on this machine.
#pragma once

#include "actors/local_cluster.hpp"
#include "apps/launcher.hpp"
#include "net/client/control_loop.hpp"

#include <string>

namespace weir::actors {

/// `program run -c FILE --node NAME` in the launcher's own environment; ready when its /readyz says
/// so. The loop outlives it.
class node_launcher final : public apps::launcher {
public:
  node_launcher(net::control_loop& loop, std::string program, std::string config_file,
                local_node node);
  std::optional<apps::launch_plan> prepare(apps::generation child, std::string& why) override;

private:
  net::control_loop& loop_;
  std::string program_;
  std::string config_file_;
  local_node node_;
};

} // namespace weir::actors
