// CAF 0.17.6's options. Its defaults are for a program that is nothing but actors.
#include "actors/system.hpp"

#include <caf/atom.hpp>

#include <cstddef>

namespace weir::actors {

system_config::system_config() {
  // Requests run on the shards; what is left (config, health, cluster, admin) is light and rare.
  set("scheduler.max-threads", std::size_t{2});
  // The default, work stealing, polls: idle workers would wake a hundred times a second.
  set("scheduler.policy", caf::atom("sharing"));
  // The default has no limit: one busy actor would keep a worker from all others.
  set("scheduler.max-throughput", std::size_t{100});
  // Our own log has everything; CAF's must not write to the terminal.
  set("logger.console", caf::atom("none"));
  set("logger.verbosity", caf::atom("quiet"));
}

} // namespace weir::actors
