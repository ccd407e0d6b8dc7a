// The CACHE actor of a shard, and those that fetch for it behind an answer.
#pragma once

#include "actors/pinned.hpp"
#include "actors/protocol.hpp"
#include "actors/shard_front.hpp"
#include "net/proxy/background_fetch.hpp"
#include "net/proxy/cache_stage.hpp"

#include <memory>

namespace weir::actors {

/// The shard's net::cache_stage as an actor: one per shard. Never blocks; sends to the pools, and
/// verdicts to connections. When it dies, the shard's requests cannot be answered: the watcher
/// stops the node.
class cache final : public pinned<cache_actor::base>, public net::cache_host {
public:
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

/// One fetch without a client. To the pools it is a CONNECTION like another. At most `most` of them
/// on a shard. Never blocks; sends to a pool. When it dies, its fetch has failed, and another
/// request tries.
class background final : public pinned<connection_actor::base>, public net::background_host {
public:
  /// They compete with clients for the origin's connections.
  static constexpr std::size_t most = 32;

  background(caf::actor_config& config, shard& home, shard_front& front, pool_actor pool,
             const net::exchange& origin, std::unique_ptr<net::cached_exchange> made);
  const char* name() const override { return "background"; }

private:
  behavior_type make_behavior() override;
  void on_exit() override;

  void lease(exchange_ptr x) override;
  void continue_soon() override;
  void ended() override;

  shard_front& front_;
  pool_actor pool_;
  net::background_fetch fetch_;
  bool continuing_ = false; // its wish to go on is on its way
};

} // namespace weir::actors
