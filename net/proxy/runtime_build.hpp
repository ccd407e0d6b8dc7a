// Makes a configuration ready to run: compiles, loads certificates, resolves names.
#pragma once

#include "net/proxy/runtime_config.hpp"

#include <memory>
#include <string>
#include <vector>

namespace weir::net {

struct runtime_build {
  std::shared_ptr<const runtime_config> config; // null when there are errors
  std::vector<std::string> errors;              // sentences
  std::vector<std::string> warnings;
};

/// Builds from `snapshot` and the upstreams of its apps. `https_port` is where redirects to https
/// lead; 0: the file's. What `previous` (may be null) has unchanged is taken over, so that its
/// connections, loads and health live on. Blocks on files and on name resolution: not for a shard.
/// Any one thread.
runtime_build build_runtime(config::snapshot_ptr snapshot,
                            const std::vector<config::upstream_settings>& app_upstreams,
                            std::uint16_t https_port, const runtime_config* previous,
                            wall_time now);

} // namespace weir::net
