// Keeps the node's apps running: the configuration's `apps:` with their processes, health and logs.
#pragma once

#include "apps/app_launcher.hpp"
#include "apps/supervisor.hpp"
#include "base/metrics_registry.hpp"
#include "config/settings.hpp"
#include "net/client/control_loop.hpp"
#include "net/upstream/health_prober.hpp"
#include "net/upstream/server_table.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::actors {

struct app_keeper_options {
  std::string node;       // its name: apps find it in WEIR_NODE
  std::string run_folder; // for sockets; short: a unix socket's path has 107 bytes at most
  net::control_loop* loop = nullptr;            // for readiness checks; outlives the keeper
  net::health_prober* prober = nullptr;         // outlives the keeper, ends before the loop
  std::string guard_program = "/proc/self/exe"; // knows apps::guard_verb
  std::uint64_t seed = 0;
};

/// Owns the thread that supervises the node's apps, and joins what apps, their upstreams' health
/// and the log: while an app starts, its server is `unknown`, so requests wait in the queue; once
/// it answers it is `up`; when it crashes again and again it is `down` and requests are refused.
/// One per node. Not a CAF actor, though it is one in spirit: its thread sleeps in poll() over
/// pipes and guards, its mailbox is the supervisor's inbox. All members are thread-safe.
class app_keeper final : private apps::supervisor_listener {
public:
  explicit app_keeper(app_keeper_options options);
  /// Stops first if that was not done.
  ~app_keeper();
  app_keeper(const app_keeper&) = delete;
  app_keeper& operator=(const app_keeper&) = delete;

  /// The upstreams that the apps of a configuration are reached by; for building its tables and
  /// routes.
  std::vector<config::upstream_settings> upstreams(const config::settings& settings) const;

  /// From now on runs these apps: new ones are started, changed ones replaced (the old process
  /// serves until the new one does), the others left alone. `tables` are all of the
  /// configuration's; call it after health_prober::watch().
  void install(const config::settings& settings,
               std::vector<std::shared_ptr<net::server_table>> tables);

  /// Ends all apps gracefully and waits for it, at most their longest `graceful` and a little.
  /// Idempotent.
  void stop();

  std::vector<apps::app_status> status() const { return supervisor_.status(); }
  /// The apps' figures as Prometheus series.
  void collect(metrics_writer& out) const;

private:
  void on_line(const std::string& app, pid_t pid, bool is_error, std::string_view line) override;
  void on_health(const std::string& app, apps::app_health health,
                 const std::string& reason) override;
  void on_event(const std::string& app, pid_t pid, const apps::note_event& event) override;

  void start(const config::settings& settings, const config::app_settings& app);
  void tell(const std::string& app);
  apps::address_probe probe_of(const config::settings& settings,
                               const config::app_settings& app) const;

  struct known_health {
    apps::app_health health = apps::app_health::starting;
    std::string reason = "starting";
  };

  const app_keeper_options options_;
  std::mutex mutex_; // guards the three below
  std::vector<config::app_settings> running_;
  std::vector<std::shared_ptr<net::server_table>> tables_;
  std::map<std::string, known_health> health_;
  apps::supervisor supervisor_;
  std::thread thread_;
};

} // namespace weir::actors
