// Who is watched on a node, and what follows when one of them dies.
#pragma once

#include "actors/config_keeper.hpp"
#include "actors/watcher.hpp"
#include "base/metrics_registry.hpp"

#include <caf/actor_system.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace weir::actors {

/// The node's watcher and what it needs. Made before the actors it watches; `retire` before they
/// are ended on purpose. Thread-safe.
class supervision {
public:
  explicit supervision(caf::actor_system& system);
  ~supervision();

  /// The node cannot serve without `actor`: when it dies the node stops, and `failed` says so.
  void need(const std::string& name, const caf::strong_actor_ptr& actor);
  /// The node can do without for a while: `start` makes it, now and again after each death, with
  /// growing waits.
  void keep(const std::string& name, std::function<caf::strong_actor_ptr()> start);
  /// No restarts and no alarms any more; ends those that `keep` made.
  void retire();

  /// Whether the node stops because something died.
  bool failed() const { return failed_; }
  void collect(metrics_writer& out) const;

private:
  std::atomic<bool> failed_{false};
  std::shared_ptr<watcher_counters> counters_ = std::make_shared<watcher_counters>();
  watcher_actor watcher_;
};

/// The config keeper's current handle: it changes when the watcher starts a new one. Thread-safe.
class config_keeper_door {
public:
  void set(config_keeper_actor now) {
    const std::lock_guard lock(mutex_);
    keeper_ = std::move(now);
  }
  void reload(reload_handler done) const {
    const std::lock_guard lock(mutex_);
    caf::anon_send(keeper_, reload_atom::value, std::move(done));
  }
  void plan(std::string file, reload_handler done) const {
    const std::lock_guard lock(mutex_);
    caf::anon_send(keeper_, plan_atom::value, std::move(file), std::move(done));
  }

private:
  mutable std::mutex mutex_; // guards keeper_
  config_keeper_actor keeper_;
};

} // namespace weir::actors
