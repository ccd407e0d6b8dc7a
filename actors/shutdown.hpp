// The node's ordered end: step after step, each with a deadline, and a watchdog behind all of them.
#pragma once

#include "base/clock.hpp"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::actors {

/// One step of the end: listeners, drain, actors, shards, scheduler.
struct shutdown_step {
  std::string name;
  duration limit{};             // of its own; the whole's may be nearer
  std::function<void()> begin;  // must not wait
  std::function<bool()> done{}; // asked until true; none: done once begun
};

struct step_report {
  std::string name;
  duration took{};
  bool in_time = false;
};

/// The steps in the order they were added. A step that is late or throws does not keep the next one
/// from its turn: what is late is cut off by what follows it. Time and waiting come from outside.
class shutdown_sequence {
public:
  explicit shutdown_sequence(duration total) : total_(total) {}
  void add(shutdown_step step) { steps_.push_back(std::move(step)); }

  /// Runs every step once. `wait` sleeps, and may return early when something may have changed.
  std::vector<step_report> run(const clock_source& clock,
                               const std::function<void(duration)>& wait) const;

private:
  duration total_;
  std::vector<shutdown_step> steps_;
};

/// Calls `bite` on a thread of its own unless destroyed within `limit`: the last resort when a
/// library's destructor hangs.
class watchdog {
public:
  watchdog(duration limit, std::function<void()> bite);
  ~watchdog();
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool called_off_ = false;
  std::thread thread_;
};

} // namespace weir::actors
