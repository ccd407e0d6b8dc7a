// The UPSTREAM POOL actor: one upstream's connections on one shard.
#pragma once

#include "actors/pinned.hpp"
#include "actors/protocol.hpp"
#include "actors/shard_front.hpp"
#include "net/proxy/upstream_pool.hpp"

#include <memory>

namespace weir::actors {

/// Owns one net::upstream_pool. One per upstream and shard, made by the shard's router. Never
/// blocks. Sends verdicts to connections. When it dies, exchanges that wait in it time out; the
/// watcher stops the node, since it holds no state that could be rebuilt.
class pool final : public pinned<pool_actor::base>, public net::pool_host {
public:
  pool(caf::actor_config& config, shard& home, shard_front& front,
       std::shared_ptr<const net::runtime_upstream> upstream);
  const char* name() const override { return "pool"; }

private:
  behavior_type make_behavior() override;
  void on_exit() override;

  void granted(exchange_ptr x) override;
  void refused(exchange_ptr x) override;
  std::function<void()> waker() override;
  bool admit_miss(live_exchange& x);
  void end_when_unused();

  shard_front& front_;
  boost::intrusive_ptr<net::upstream_pool> pool_;
  int unused_looks_ = 0; // since it was retired
};

pool_actor spawn_pool(shard_front& front, std::shared_ptr<const net::runtime_upstream> upstream);

} // namespace weir::actors
