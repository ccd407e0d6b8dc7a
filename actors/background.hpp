// The BACKGROUND actor: one request of our own, which no client waits for.
#pragma once

#include "actors/pinned.hpp"
#include "actors/protocol.hpp"
#include "actors/shard_front.hpp"
#include "net/proxy/background_fetch.hpp"

#include <functional>
#include <memory>

namespace weir::actors {

/// Owns one net::background_fetch. To the pools it is a CONNECTION like another. Never blocks;
/// sends to a pool. When it dies, its fetch has failed, and whoever wanted it is told.
class background final : public pinned<connection_actor::base>, public net::background_host {
public:
  /// Makes the fetch; called once, from the constructor.
  using maker = std::function<std::unique_ptr<net::background_fetch>(net::background_host& host)>;

  background(caf::actor_config& config, shard& home, pool_actor pool, const maker& make);
  const char* name() const override { return "background"; }

private:
  behavior_type make_behavior() override;
  void on_exit() override;

  void lease(exchange_ptr x) override;
  void continue_soon() override;
  void ended() override;

  pool_actor pool_;
  std::unique_ptr<net::background_fetch> fetch_;
  bool continuing_ = false; // its wish to go on is in the mailbox
};

/// On the shard's own thread.
void spawn_background(shard_front& front, const pool_actor& pool, const background::maker& make);

} // namespace weir::actors
