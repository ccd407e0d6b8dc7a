// The signals a node obeys, received by the main thread one at a time.
#pragma once

#include <cstdint>

namespace weir::actors {

enum class node_signal : std::uint8_t {
  stop,   // SIGTERM, SIGINT
  reload, // SIGHUP
  reopen, // SIGUSR1
};

/// Blocks them, and SIGPIPE for good. Call before any thread exists: threads inherit it.
void block_signals();
/// Waits for the next one. Main thread only.
node_signal next_signal();
/// Makes the main thread see `stop`. Any thread.
void request_stop();

} // namespace weir::actors
