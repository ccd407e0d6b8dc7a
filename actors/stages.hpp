// The stages between a connection and the cache: router, limiter.
#pragma once

#include "actors/protocol.hpp"
#include "actors/shard_front.hpp"

#include <caf/stateful_actor.hpp>

#include <vector>

namespace weir::actors {

struct limiter_state {
  limiter_state() = default;
  static inline const char* name = "limiter";
};
static_assert(is_actor_state<limiter_state>);

/// One per shard; asks the front's shard_limiter. Never blocks; sends to the cache, and verdicts
/// to connections. When it dies, the shard's requests cannot be answered: the watcher stops the
/// node.
limiter_actor::behavior_type limiter(limiter_actor::stateful_pointer<limiter_state> self,
                                     shard_front* front, cache_actor next);

struct router_state {
  router_state() = default;
  static inline const char* name = "router";

  shard_front* front = nullptr;
  runtime_config_ptr config;
  std::vector<pool_actor> pools; // by the upstream's index in `config`
};
static_assert(is_actor_state<router_state>);

/// One per shard; owns the shard's configuration and its pools. Never blocks; sends to the limiter,
/// and verdicts to connections. When it dies, the shard's requests cannot be answered: the watcher
/// stops the node.
router_actor::behavior_type router(router_actor::stateful_pointer<router_state> self,
                                   shard_front* front, limiter_actor next);

} // namespace weir::actors
