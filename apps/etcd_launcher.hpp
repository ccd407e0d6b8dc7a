// Starts this node's member of the cluster's etcd, again and again as long as it is wanted.
#pragma once

#include "apps/etcd_plan.hpp"
#include "apps/launcher.hpp"

#include <optional>
#include <string>

namespace weir::apps {

/// How the member's supervisor is to treat it: one process at a time, restarted within seconds. A
/// member that catches up takes its time to be ready.
app_policy etcd_policy();

/// For a `supervisor`. Its process lives under a guard, so it ends with the node; what it says goes
/// to the node's log.
class etcd_launcher : public launcher {
public:
  /// `probe` asks the member itself whether it serves (GET /health).
  etcd_launcher(etcd_settings settings, readiness_probe probe);

  /// Makes the data folder.
  std::optional<launch_plan> prepare(generation child, std::string& why) override;

private:
  etcd_settings settings_;
  readiness_probe probe_;
};

} // namespace weir::apps
