// One node: everything a `weir run` process consists of, in the order it starts and ends.
#pragma once

#include <string>

namespace weir::actors {

struct run_options {
  std::string config = "weir.yaml";
  std::string node; // empty: WEIR_NODE, or the only one that lives here
};

/// Runs a node in the foreground until it is told to stop (SIGTERM, SIGINT, `weir stop`): then
/// drains and ends. SIGHUP reloads, SIGUSR1 reopens the access log. Call from the main thread,
/// before any other thread exists. Returns the exit code: 0 after an orderly end, 1 when it could
/// not start or something it cannot do without died; what is wrong was printed.
int run_node(const run_options& options);

} // namespace weir::actors
