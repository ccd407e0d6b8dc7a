// The guard: a tiny process between the node and an app, so that no process of the app outlives
// either of them.
#pragma once

#include "base/process.hpp"

#include <cstdint>

namespace weir::apps {

/// Hidden verb of the binary that runs `guard_main`.
inline constexpr const char* guard_verb = "app-guard";

inline constexpr int guard_control_fd = 3; // SOCK_SEQPACKET to the owner
inline constexpr int guard_spec_fd = 4;    // a file with the encoded guard_spec

/// What the guard tells its owner, one packet each: `started` or `failed`, and after `started` an
/// `exited`. Owner and guard are the same binary.
struct guard_report {
  enum class kind : std::uint8_t { started, failed, exited };
  kind what = kind::failed;
  pid_t pid = 0;         // started: the app's
  exit_status status;    // exited
  char reason[128] = {}; // failed, ended by a zero
};

/// Runs one command and returns the exit code for `main`. The guard adopts whatever the app leaves
/// behind (child subreaper). When the app's main process ends, the rest of it is killed, then the
/// owner is told. When the owner goes, however it goes, its end of the socket closes and the guard
/// kills everything at once. A byte from the owner is a signal number: SIGKILL goes to the whole
/// process group, anything else to the main process. If the guard itself is killed, the app's main
/// process dies with it (parent-death signal).
int guard_main();

} // namespace weir::apps
