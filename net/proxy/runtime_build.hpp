// Makes a configuration ready to run: compiles, loads certificates, resolves names.
#pragma once

#include "net/proxy/runtime_config.hpp"
#include "net/upstream/watched_names.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

struct runtime_build {
  std::shared_ptr<const runtime_config> config; // null when there are errors
  std::vector<std::string> errors;              // sentences
  std::vector<std::string> warnings;
};

/// What a configuration is built from; all of it outlives the call only.
struct build_inputs {
  config::snapshot_ptr snapshot;
  const std::vector<config::upstream_settings>& app_upstreams; // of the snapshot's apps
  const clock_source& clock;
  std::uint16_t https_port = 0; // where redirects to https lead; 0: the file's
  const runtime_config* previous = nullptr;
  const watched_names* names = nullptr; // of the servers' names; null: none is known
  std::string_view secret = {};         // the cluster's; empty: sticky cookies cannot be made
};

/// What `previous` has unchanged is taken over, so that its connections, loads and health live on.
/// Blocks on files and on name resolution: not for a shard. Any one thread.
runtime_build build_runtime(const build_inputs& inputs);

} // namespace weir::net
