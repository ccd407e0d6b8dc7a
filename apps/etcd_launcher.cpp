// etcd as a supervised app.
#include "apps/etcd_launcher.hpp"

#include <filesystem>
#include <utility>

namespace weir::apps {

app_policy etcd_policy() {
  app_policy policy;
  policy.start_limit = 300s;
  policy.graceful = 10s;
  policy.probe_every = 250ms;
  policy.overlap = false; // two processes cannot share a data folder
  policy.restarts = {.first = 200ms, .most = 5s, .stable = 30s};
  return policy;
}

etcd_launcher::etcd_launcher(etcd_settings settings, readiness_probe probe)
    : settings_(std::move(settings)), probe_(std::move(probe)) {}

std::optional<launch_plan> etcd_launcher::prepare(generation, std::string& why) {
  namespace fs = std::filesystem;
  std::error_code failed;
  fs::create_directories(settings_.data_folder, failed);
  if (!failed) fs::permissions(settings_.data_folder, fs::perms::owner_all, failed);
  if (failed) {
    why = "the data folder of etcd cannot be made: " + failed.message();
    return std::nullopt;
  }
  return launch_plan{plan_etcd(settings_), probe_};
}

} // namespace weir::apps
