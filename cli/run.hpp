// The command line: parses the arguments, runs the verb, returns the exit code.
#pragma once

#include "base/clock.hpp"

#include <functional>
#include <string>

namespace weir::cli {

/// What `weir run` was asked for.
struct run_options {
  std::string config_file; // as given; "weir.yaml" by default
  std::string node;        // --node; empty: by the rules of the file
};

/// What lies on a higher floor than the command line and is handed in by main().
struct hooks {
  /// Serves until it is told to stop; its result is the exit code.
  std::function<int(const run_options&)> run_node;
  /// Launches the nodes of a file that live on this machine; detached: returns when they are ready.
  std::function<int(const std::string& config_file, bool detach)> cluster_up{};
  /// Ends what `cluster_up` launched.
  std::function<int(const std::string& config_file, duration deadline)> cluster_down{};
};

/// Never throws. Data goes to standard output, everything else to standard error.
int run(int argc, const char* const* argv, const hooks& higher);

} // namespace weir::cli
