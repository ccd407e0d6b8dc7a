// Deadlines for the end of the node.
#include "actors/shutdown.hpp"

#include "base/log.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace weir::actors {

namespace {

/// How often a step is asked whether it is done.
constexpr duration poll_interval = std::chrono::milliseconds(5);

bool begin(const shutdown_step& step) {
  try {
    if (step.begin) step.begin();
    return true;
  } catch (const std::exception& e) {
    log::event("shutdown_step_failed", {{"step", step.name}, {"what", e.what()}},
               log::level::error);
    return false;
  }
}

} // namespace

std::vector<step_report> shutdown_sequence::run(const clock_source& clock,
                                                const std::function<void(duration)>& wait) const {
  std::vector<step_report> reports;
  const auto end = clock.steady() + total_;
  for (const auto& step : steps_) {
    const auto began = clock.steady();
    const auto deadline = std::min(began + step.limit, end);
    const bool begun = begin(step);
    const auto finished = [&] { return !begun || !step.done || step.done(); };
    bool done = finished();
    while (!done && clock.steady() < deadline) {
      wait(std::min<duration>(poll_interval, deadline - clock.steady()));
      done = finished();
    }
    reports.push_back({step.name, clock.steady() - began, begun && done});
    log::event("shutdown_step",
               {{"step", step.name},
                {"seconds", std::chrono::duration<double>(reports.back().took).count()},
                {"in_time", reports.back().in_time}},
               reports.back().in_time ? log::level::info : log::level::warning);
  }
  return reports;
}

watchdog::watchdog(duration limit, std::function<void()> bite)
    : thread_([this, limit, bite = std::move(bite)] {
        std::unique_lock lock(mutex_);
        const bool called_off = changed_.wait_for(lock, limit, [this] { return called_off_; });
        lock.unlock();
        if (!called_off) bite();
      }) {}

watchdog::~watchdog() {
  {
    const std::lock_guard lock(mutex_);
    called_off_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

} // namespace weir::actors
