// The CACHE actor of a shard.
#pragma once

#include "actors/pinned.hpp"
#include "actors/protocol.hpp"
#include "actors/shard_front.hpp"
#include "net/proxy/cache_stage.hpp"

#include <memory>

namespace weir::actors {

/// The shard's net::cache_stage as an actor: one per shard. Never blocks; sends to the pools, and
/// verdicts to connections. When it dies, the shard's requests cannot be answered: the watcher
/// stops the node.
class cache final : public pinned<cache_actor::base>, public net::cache_host {
public:
  /// They compete with clients for the origin's connections.
  static constexpr std::size_t refreshes_max = 32;

  cache(caf::actor_config& config, shard& home, shard_front& front);
  const char* name() const override { return "cache"; }

private:
  behavior_type make_behavior() override;
  void on_exit() override;

  void answer(exchange_ptr x) override;
  void fetch(exchange_ptr x) override;
  bool fetch_behind(const net::exchange& origin,
                    std::unique_ptr<net::cached_exchange> made) override;

  shard_front& front_;
};

} // namespace weir::actors
