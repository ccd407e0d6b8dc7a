// The settings of CAF that Weir relies on, each with its reason.
#pragma once

#include <caf/actor_system_config.hpp>

namespace weir::actors {

/// What every actor system of ours is made with: `caf::actor_system system{config};`. Reads no file
/// and no command line.
class system_config : public caf::actor_system_config {
public:
  system_config();
};

} // namespace weir::actors
