// What only shows when a configuration is made ready to run: for `weir validate`.
#pragma once

#include "base/clock.hpp"
#include "config/diagnostic.hpp"
#include "config/settings.hpp"

#include <vector>

namespace weir::net {

/// Compiles the routes and loads the certificates, as a start would, and forgets them: a regex that
/// does not compile, a key that is not the certificate's, a missing CA. Resolves no name and opens
/// no socket. The findings are about the file as a whole. Blocks on files: not for a shard.
std::vector<config::diagnostic> check_runtime(const config::settings& settings, wall_time now);

} // namespace weir::net
