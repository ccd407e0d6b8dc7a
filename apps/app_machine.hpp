// The life of one supervised app as a pure machine: start, readiness, restarts, replacement, an
// orderly end.
#pragma once

#include "base/backoff.hpp"
#include "base/clock.hpp"
#include "base/process.hpp"
#include "base/random.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::apps {

/// Counts the processes of an app: the first one is generation 1.
using generation = std::uint32_t;

struct app_policy {
  duration start_limit = 60s; // from spawned to ready
  duration graceful = 30s;    // from SIGTERM to SIGKILL
  duration probe_every = 100ms;
  duration linger = 500ms; // from a replacement's readiness to the old one's SIGTERM: it
                           // accepts what has connected before the switch
  bool overlap = true; // a replacement may run beside the old process: it has a socket of its own
  std::uint32_t loop_failures = 5; // in a row: from then on requests are refused instead of held
  backoff_options restarts{.first = 200ms, .most = 30s, .stable = 10s};
};

/// What requests should expect: `starting` is worth waiting for.
enum class app_health : std::uint8_t { starting, ready, failing, stopped };
std::string_view name_of(app_health health);

enum class app_phase : std::uint8_t { stopped, starting, ready, backing_off, stopping };
inline constexpr std::array all_app_phases{app_phase::stopped, app_phase::starting,
                                           app_phase::ready, app_phase::backing_off,
                                           app_phase::stopping};
std::string_view name_of(app_phase phase);

// -- effects: what the machine wants done, in this order ------------------------------------------

struct spawn_child { // answer with on_started or on_failed
  generation child = 0;
};
struct probe_child { // answer with on_probe, in time or not at all
  generation child = 0;
};
struct signal_child {
  generation child = 0;
  int number = 0;
};
struct promote_child { // requests go to this one from now on
  generation child = 0;
};
struct tell_health {
  app_health health = app_health::starting;
  std::string reason;
};
struct note_event { // for the log
  std::string_view name;
  std::string detail;
  bool bad = false;
};
using app_effect =
    std::variant<spawn_child, probe_child, signal_child, promote_child, tell_health, note_event>;
using app_effects = std::vector<app_effect>;

/// One app. Every member that takes `now` returns what is to be done; call `on_time` at
/// `next_deadline`.
///
///     stopped -start-> starting -probe ok-> ready -exit-> backing_off -time-> starting
///     any -stop-> stopping -last exit-> stopped;   ready -replace-> ready, a second child starting
///     beside it
class app_machine {
public:
  app_machine(const app_policy& policy, std::uint64_t seed);

  app_effects start(steady_time now);
  /// Graceful: SIGTERM, and SIGKILL when the time is over.
  app_effects stop(steady_time now);
  /// New settings: starts a child with them and ends the old one when the new one is ready; the old
  /// one goes on when the new one fails. Without `overlap` the old one ends first.
  app_effects replace(steady_time now);

  app_effects on_started(generation child, pid_t pid, steady_time now);
  app_effects on_failed(generation child, const std::string& reason, steady_time now);
  app_effects on_probe(generation child, bool ok, steady_time now);
  app_effects on_exit(generation child, const exit_status& status, steady_time now);
  app_effects on_time(steady_time now);
  std::optional<steady_time> next_deadline() const;

  app_phase phase() const;
  /// The child that requests go to, or the newest; 0 when there is none.
  pid_t pid() const;
  std::uint64_t restarts() const { return restarts_; }

private:
  enum class stage : std::uint8_t { launching, ready, lingering, ending, failing };
  struct child {
    generation id = 0;
    stage at = stage::launching;
    pid_t pid = 0;
    steady_time since{};
    steady_time deadline{};
    steady_time next_probe{};
  };

  child* find(generation id);
  bool serving() const;
  bool launching() const;
  void launch(steady_time now, app_effects& effects);
  void end(child& which, steady_time now, app_effects& effects) const;
  void gone(child was, const std::string& why, steady_time now, app_effects& effects);
  void on_child_time(child& which, steady_time now, app_effects& effects) const;

  app_policy policy_;
  backoff backoff_;
  random_source random_;
  std::vector<child> children_;
  generation last_ = 0;
  bool wanted_ = false;
  bool relaunch_ = false; // as soon as the last child is gone
  std::optional<steady_time> restart_at_;
  std::uint64_t restarts_ = 0;
};

} // namespace weir::apps
