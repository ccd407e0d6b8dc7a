// The CONNECTION actor: one client connection.
#pragma once

#include "actors/pinned.hpp"
#include "actors/protocol.hpp"
#include "actors/shard_front.hpp"
#include "net/proxy/downstream_session.hpp"

#include <memory>
#include <optional>

namespace weir::actors {

/// Owns one net::downstream_session. One per client, on the shard that accepted it. Never blocks.
/// Sends exchanges to the router, and to pools when an attempt is to be repeated. When it dies, its
/// socket is closed and its place given back.
class connection final : public pinned<connection_actor::base>, public net::session_host {
public:
  connection(caf::actor_config& config, shard& home, shard_front& front,
             std::unique_ptr<net::stream> io, const net::client_facts& client);
  const char* name() const override { return "connection"; }

  // Called by the front, on the shard.
  std::optional<steady_time> idle_since() const { return session_.idle_since(); }
  /// Closes an idle connection now; the actor follows.
  void evict() { session_.kill(); }

private:
  behavior_type make_behavior() override;
  void on_exit() override;

  void submit(exchange_ptr x) override;
  void retry(exchange_ptr x) override;
  void continue_soon() override;
  void ended() override;

  shard_front& front_;
  net::client_facts client_;
  net::downstream_session session_;
  bool continuing_ = false; // its wish to go on is on its way
};

} // namespace weir::actors
