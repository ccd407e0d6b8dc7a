// The verbs about the node's cache: stats.
#pragma once

#include "cli/command.hpp"

namespace weir::cli {

int cache_stats(const command_context& context);

} // namespace weir::cli
