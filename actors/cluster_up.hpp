// `weir cluster up` and `down`: launches and watches every node of a file that lives on this
// machine.
#pragma once

#include "base/clock.hpp"

#include <string>

namespace weir::actors {

struct cluster_up_options {
  std::string config_file;
  bool detach = false;
};

/// Gives the local nodes their identities, starts each as `weir run -c FILE --node NAME` under a
/// guard, prints their output with their names in front, restarts one that ends, with growing
/// waits. SIGINT, SIGTERM (and SIGHUP in the foreground) drain all and return 0; a second one kills
/// them. When the launcher itself is killed its guards kill the nodes. Detached: returns when all
/// nodes are ready, or 1 and the reason; the output goes to `launcher.log` in the first local
/// node's data folder.
///
/// One launcher per file and machine: a lock in the first local node's data folder (`launcher.pid`)
/// sees to that. Call it before any thread is started. Returns the exit code.
int cluster_up(const cluster_up_options& options);

/// Ends the launcher of this file on this machine, and with it the nodes; waits for it, at most
/// `deadline`.
int cluster_down(const std::string& config_file, duration deadline);

} // namespace weir::actors
