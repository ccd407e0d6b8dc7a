// The CONFIG KEEPER: loads, validates and publishes configurations.
#pragma once

#include "actors/data_plane.hpp"
#include "config/load.hpp"
#include "net/proxy/runtime_build.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir::actors {

/// How a reload ended.
struct reload_outcome {
  enum class kind : std::uint8_t { done, rejected, failed };
  kind how = kind::done;
  std::string detail;                   // one sentence
  std::vector<std::string> diagnostics; // file:line:column: error: …
  std::uint64_t version = 0;            // in force now
};
using reload_handler = std::shared_ptr<const std::function<void(const reload_outcome&)>>;

using reload_atom = caf::atom_constant<caf::atom("reload")>;
using plan_atom = caf::atom_constant<caf::atom("plan")>;
using names_atom = caf::atom_constant<caf::atom("names")>;

using config_keeper_actor = caf::typed_actor<
    // Read the file again; when it is valid, everyone uses it before the handler is called, else
    // nothing changes.
    caf::reacts_to<reload_atom, reload_handler>,
    // What would that file change? Nothing is changed. Empty: the keeper's own file.
    caf::reacts_to<plan_atom, std::string, reload_handler>,
    // INTERNAL: have the servers' names other addresses?
    caf::reacts_to<names_atom>>;

/// What becomes of a settings value before it runs: the node's own addresses, the upstreams of its
/// apps.
struct config_keeper_options {
  std::string file;
  const clock_source* clock = nullptr;
  data_plane* plane = nullptr;
  std::shared_ptr<net::watched_names> names; // of servers; the keeper's, once it runs
  std::string secret;                        // the cluster's: see net/tls/secret.hpp
  std::function<config::bind_plan(const config::settings&)> bind;
  std::function<std::vector<config::upstream_settings>(const config::settings&)> app_upstreams;
  /// Called with each configuration once it is in force; may block for a moment.
  std::function<void(const runtime_config_ptr&)> installed;
};

/// What a file led to: something to run, or why not, one line each.
struct loaded_config {
  runtime_config_ptr config;
  std::vector<std::string> diagnostics; // warnings too
};

/// Reads and builds. Blocks on disk and name resolution.
loaded_config load_config(const config_keeper_options& options, std::uint64_t version,
                          const net::runtime_config* previous);

struct config_keeper_state {
  config_keeper_state() = default;
  static inline const char* name = "config-keeper";

  config_keeper_options options;
  runtime_config_ptr current;
};

/// Owns the configuration in force, and keeps the addresses of its servers' names true. One per
/// node, on a thread of its own, since it reads files and resolves names. When it dies the node
/// serves on with what it has; reloads then fail, and the watcher starts it again.
config_keeper_actor::behavior_type
config_keeper(config_keeper_actor::stateful_pointer<config_keeper_state> self,
              config_keeper_options options, runtime_config_ptr first);

} // namespace weir::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::reload_handler)
