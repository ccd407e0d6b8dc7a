// What every verb gets: the options that are common to all, the console, a client of the admin API.
#pragma once

#include "cli/admin_client.hpp"
#include "cli/console.hpp"
#include "cli/exit_code.hpp"
#include "cli/locate.hpp"

#include "base/clock.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace weir::cli {

/// Options that stand before or after any verb.
struct common_options {
  target_options target;
  std::string token_file;
  output_format output = output_format::table;
};

/// Made by `run()` for one command; tests make one with streams, a fetcher and a clock of their
/// own.
struct command_context {
  common_options options;
  console& terminal;
  target_hints hints;
  fetcher fetch;
  const clock_source& clock;
  std::function<void(duration)> pause; // between two looks at something that takes time
};

/// A client for the nodes that the options mean, or the exit code after the problem was printed.
struct connected {
  std::optional<admin_client> client;
  int code = exit_ok;
};
connected connect(const command_context& context);
/// Like connect(), but only with one node's addresses: for verbs that act on the node they reach.
connected connect_to_one_node(const command_context& context);

/// Prints why a call failed and returns its exit code: 5 when nobody answered, 4 for a conflict,
/// else 1.
int report_failure(const command_context& context, const admin_client& client,
                   const admin_answer& answer);

/// Calls `done` every fifth of a second until it returns true (ok) or the deadline passes (failed).
bool wait_until(const command_context& context, duration deadline,
                const std::function<bool()>& done);

/// `3d2h`, `4m10s`, `2.1s`: two units at most.
std::string short_duration(double seconds);

} // namespace weir::cli
