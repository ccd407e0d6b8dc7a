// Supervision: an actor that dies is noticed, counted, and started again or the node stops cleanly.
#pragma once

#include "base/backoff.hpp"
#include "base/metrics.hpp"

#include <caf/actor_addr.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::actors {

/// What the node does when a supervised actor dies of anything but a normal exit.
enum class on_death : std::uint8_t {
  restart,   // after a wait that grows; give up (stop_node) after backoff.failures_max in a row
  stop_node, // without it the node cannot serve: drain, exit, let the service manager start anew
};

/// One actor under supervision.
struct supervised {
  std::string name;
  /// Spawns the actor and tells whoever needs the new handle. Runs on the watcher's thread. Null or
  /// a throw counts as a death.
  std::function<caf::strong_actor_ptr()> start;
  on_death then = on_death::restart;
  backoff_options backoff;
};
using supervised_ptr = std::shared_ptr<const supervised>;

/// Readable from any thread.
struct watcher_counters {
  counter deaths;
  counter restarts;
  counter node_stops;
};

struct watcher_options {
  /// Asks the node to stop, with the reason in words. Any thread may be calling.
  std::function<void(std::string_view why)> stop_node;
  std::shared_ptr<watcher_counters> counters = std::make_shared<watcher_counters>();
  std::uint64_t seed = 0;
};

using watch_atom = caf::atom_constant<caf::atom("watch")>;
using restart_atom = caf::atom_constant<caf::atom("restart")>;
using retire_atom = caf::atom_constant<caf::atom("retire")>;

/// The WATCHER interface.
using watcher_actor = caf::typed_actor<
    // Starts the actor and watches it from now on.
    caf::reacts_to<watch_atom, supervised_ptr>,
    // The node is stopping: no restarts any more; ends the children, last started first, then
    // itself.
    caf::reacts_to<retire_atom>,
    // INTERNAL: the wait is over.
    caf::reacts_to<restart_atom, std::uint32_t>>;

struct watcher_state {
  explicit watcher_state(watcher_actor::pointer self);
  static inline const char* name = "watcher";

  struct child {
    supervised_ptr what;
    backoff policy;
    caf::strong_actor_ptr actor; // null while it waits to be started again
    steady_time started{};
  };

  void start(std::uint32_t index);
  void died(std::uint32_t index, const std::string& why);
  void gone(const caf::down_msg& down);
  void retire();

  watcher_actor::pointer self;
  watcher_options options;
  random_source random{0};
  std::vector<child> children;
  bool retiring = false;
};

/// Owns the handles of the actors it watches. One per node, on CAF's scheduler; never blocks; sends
/// only to itself and exits to its children. When it dies itself nothing is restarted any more,
/// which its own exception count shows.
watcher_actor::behavior_type watcher(watcher_actor::stateful_pointer<watcher_state> self,
                                     watcher_options options);

} // namespace weir::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::supervised_ptr)
