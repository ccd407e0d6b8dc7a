// Asking DNS for the names that are due, and saying what came of it.
#pragma once

#include "base/clock.hpp"
#include "net/upstream/watched_names.hpp"

namespace weir::net {

/// Looks up every name of `names` that is due; true when some have other addresses than before.
/// Blocks as long as the names' time-outs say: not for a shard. Changes and failures are logged.
bool refresh_names(watched_names& names, const clock_source& clock);

} // namespace weir::net
