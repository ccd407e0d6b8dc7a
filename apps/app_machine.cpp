// Transitions of app_machine.
#include "apps/app_machine.hpp"

#include <algorithm>
#include <csignal>

namespace weir::apps {

namespace {

constexpr auto never = steady_time::max();

std::string seconds_of(duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) +
         " ms";
}

} // namespace

std::string_view name_of(app_health health) {
  switch (health) {
  case app_health::starting:
    return "starting";
  case app_health::ready:
    return "ready";
  case app_health::failing:
    return "failing";
  case app_health::stopped:
    return "stopped";
  }
  return "invalid";
}

std::string_view name_of(app_phase phase) {
  switch (phase) {
  case app_phase::stopped:
    return "stopped";
  case app_phase::starting:
    return "starting";
  case app_phase::ready:
    return "ready";
  case app_phase::backing_off:
    return "backing_off";
  case app_phase::stopping:
    return "stopping";
  }
  return "invalid";
}

app_machine::app_machine(const app_policy& policy, std::uint64_t seed)
    : policy_(policy), backoff_(policy.restarts), random_(seed) {}

// -- what the owner wants -------------------------------------------------------------------------

app_effects app_machine::start(steady_time now) {
  app_effects effects;
  if (wanted_) return effects;
  wanted_ = true;
  relaunch_ = !children_.empty(); // still ending from the stop before
  effects.push_back(tell_health{app_health::starting, "starting"});
  if (!relaunch_) launch(now, effects);
  return effects;
}

app_effects app_machine::stop(steady_time now) {
  app_effects effects;
  if (!wanted_) return effects;
  wanted_ = false;
  relaunch_ = false;
  restart_at_.reset();
  effects.push_back(tell_health{app_health::stopped, "stopping"});
  for (auto& each : children_)
    end(each, now, effects);
  return effects;
}

app_effects app_machine::replace(steady_time now) {
  if (!wanted_) return start(now);
  app_effects effects;
  restart_at_.reset();
  for (auto& each : children_)
    if (!policy_.overlap || each.at == stage::launching) end(each, now, effects);
  relaunch_ = !policy_.overlap && !children_.empty();
  if (relaunch_)
    effects.push_back(tell_health{app_health::starting, "replacing"});
  else
    launch(now, effects);
  return effects;
}

void app_machine::launch(steady_time now, app_effects& effects) {
  relaunch_ = false;
  children_.push_back({.id = ++last_,
                       .at = stage::launching,
                       .pid = 0,
                       .since = now,
                       .deadline = now + policy_.start_limit,
                       .next_probe = now + policy_.probe_every});
  effects.push_back(spawn_child{last_});
}

void app_machine::end(child& which, steady_time now, app_effects& effects) const {
  if (which.at == stage::ending || which.at == stage::failing) return;
  which.at = stage::ending;
  which.deadline = now + policy_.graceful;
  effects.push_back(signal_child{which.id, SIGTERM});
}

// -- what the child does --------------------------------------------------------------------------

app_effects app_machine::on_started(generation id, pid_t pid, steady_time) {
  app_effects effects;
  if (auto* which = find(id)) {
    which->pid = pid;
    effects.push_back(note_event{"app_started", "pid " + std::to_string(pid)});
  }
  return effects;
}

app_effects app_machine::on_failed(generation id, const std::string& reason, steady_time now) {
  app_effects effects;
  auto* which = find(id);
  if (which) gone(*which, reason, now, effects);
  return effects;
}

app_effects app_machine::on_exit(generation id, const exit_status& status, steady_time now) {
  app_effects effects;
  auto* which = find(id);
  if (which) gone(*which, status.text(), now, effects);
  return effects;
}

app_effects app_machine::on_probe(generation id, bool ok, steady_time now) {
  app_effects effects;
  auto* which = find(id);
  if (!ok || !which || which->at != stage::launching) return effects;
  for (auto& each : children_) {
    if (each.at != stage::ready) continue;
    each.at = stage::lingering;
    each.deadline = now + policy_.linger;
  }
  which->at = stage::ready;
  effects = {promote_child{id}, tell_health{app_health::ready, "ready"},
             note_event{"app_ready", "after " + seconds_of(now - which->since)}};
  return effects;
}

void app_machine::gone(child was, const std::string& why, steady_time now, app_effects& effects) {
  std::erase_if(children_, [&](const child& each) { return each.id == was.id; });
  if (was.at == stage::ending || was.at == stage::lingering) {
    effects.push_back(note_event{"app_stopped", why});
    if (relaunch_ && children_.empty()) launch(now, effects);
    return;
  }
  effects.push_back(note_event{"app_failed", why, true});
  if (!wanted_) return;
  auto wait = backoff_.failed(was.since, now, random_).value_or(policy_.restarts.most);
  if (serving()) { // a replacement that failed: what works is left alone
    effects.push_back(note_event{"app_replacement_failed", "the old process goes on", true});
    return;
  }
  bool looping = backoff_.failures() >= policy_.loop_failures;
  effects.push_back(tell_health{looping ? app_health::failing : app_health::starting, why});
  if (launching()) return; // the replacement is on its way
  ++restarts_;
  restart_at_ = now + std::chrono::duration_cast<steady_time::duration>(wait);
}

// -- time -----------------------------------------------------------------------------------------

app_effects app_machine::on_time(steady_time now) {
  app_effects effects;
  for (auto& each : children_)
    on_child_time(each, now, effects);
  if (restart_at_ && now >= *restart_at_) {
    restart_at_.reset();
    launch(now, effects);
  }
  return effects;
}

void app_machine::on_child_time(child& which, steady_time now, app_effects& effects) const {
  if (which.at == stage::lingering && now >= which.deadline) {
    end(which, now, effects);
  } else if (which.at != stage::ready && now >= which.deadline) {
    if (which.at == stage::launching) {
      effects.push_back(note_event{"app_start_timed_out",
                                   "not ready after " + seconds_of(now - which.since), true});
      which.at = stage::failing;
    } else {
      effects.push_back(note_event{"app_killed", "still there after the graceful time", true});
    }
    which.deadline = never;
    effects.push_back(signal_child{which.id, SIGKILL});
  } else if (which.at == stage::launching && now >= which.next_probe) {
    which.next_probe = now + policy_.probe_every;
    effects.push_back(probe_child{which.id});
  }
}

std::optional<steady_time> app_machine::next_deadline() const {
  auto next = restart_at_.value_or(never);
  for (auto& each : children_) {
    if (each.at == stage::launching)
      next = std::min({next, each.deadline, each.next_probe});
    else if (each.at != stage::ready)
      next = std::min(next, each.deadline);
  }
  return next == never ? std::nullopt : std::optional(next);
}

// -- questions ------------------------------------------------------------------------------------

app_machine::child* app_machine::find(generation id) {
  auto found =
      std::find_if(children_.begin(), children_.end(), [&](auto& each) { return each.id == id; });
  return found == children_.end() ? nullptr : &*found;
}

bool app_machine::serving() const {
  return std::any_of(children_.begin(), children_.end(),
                     [](auto& each) { return each.at == stage::ready; });
}

bool app_machine::launching() const {
  return std::any_of(children_.begin(), children_.end(),
                     [](auto& each) { return each.at == stage::launching; });
}

app_phase app_machine::phase() const {
  if (!wanted_) return children_.empty() ? app_phase::stopped : app_phase::stopping;
  if (serving()) return app_phase::ready;
  return restart_at_ ? app_phase::backing_off : app_phase::starting;
}

pid_t app_machine::pid() const {
  pid_t newest = 0;
  for (auto& each : children_) {
    if (each.at == stage::ready) return each.pid;
    newest = each.pid;
  }
  return newest;
}

} // namespace weir::apps
