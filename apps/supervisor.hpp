// Runs supervised apps: one thread that starts, watches, replaces and ends their processes.
#pragma once

#include "apps/app_machine.hpp"
#include "apps/launcher.hpp"
#include "base/unique_fd.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weir::apps {

class supervised_app;

/// Who hears of what happens. Called on the supervisor's thread; must not block for long.
class supervisor_listener {
public:
  virtual void on_line(const std::string& app, pid_t pid, bool is_error, std::string_view line) = 0;
  virtual void on_health(const std::string& app, app_health health, const std::string& reason) = 0;
  virtual void on_event(const std::string& app, pid_t pid, const note_event& event) = 0;

protected:
  ~supervisor_listener() = default;
};

/// One app for status pages and metrics.
struct app_status {
  std::string name;
  app_phase phase = app_phase::stopped;
  pid_t pid = 0;
  std::uint64_t restarts = 0;
  std::uint64_t lines_dropped = 0;
};

/// Work from other threads for a thread that sleeps in poll(). Outlives the supervisor in the hands
/// of late probes.
class inbox {
public:
  inbox();
  void post(std::function<void()> work);
  std::vector<std::function<void()>> take();
  int fd() const { return wake_.get(); }

private:
  std::mutex mutex_;
  std::vector<std::function<void()>> work_;
  unique_fd wake_;
};

/// Supervises any number of apps by their machines. `run()` is its thread; everything else may be
/// called from any thread and takes effect there soon. When it is destroyed, or its process is
/// killed, no process of an app is left: their guards see to that.
class supervisor {
public:
  /// `guard_program` is the binary that knows `guard_verb`: "/proc/self/exe" but for tests.
  supervisor(std::string guard_program, supervisor_listener& listener, std::uint64_t seed);
  ~supervisor();
  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;

  /// Starts the app, or replaces its process if it is supervised already.
  void set(const std::string& name, const app_policy& policy, std::shared_ptr<launcher> how);
  /// Ends the app gracefully and forgets it.
  void remove(const std::string& name);
  /// Ends all apps gracefully; then `run()` returns.
  void stop();
  /// Makes `run()` return now; what still runs is killed with this object.
  void abandon();

  void run();
  std::vector<app_status> status() const;

private:
  bool done() const;
  void wait(steady_time now);
  void publish();
  supervised_app* find(const std::string& name);

  const std::string guard_program_;
  supervisor_listener& listener_;
  std::uint64_t seed_;
  std::shared_ptr<inbox> inbox_;
  std::vector<std::shared_ptr<supervised_app>> apps_;
  bool stopping_ = false;
  bool abandoned_ = false;
  mutable std::mutex status_mutex_;
  std::vector<app_status> status_;
};

} // namespace weir::apps
