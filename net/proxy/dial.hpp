// Opening one connection to an origin: connect, TLS, deadline.
#pragma once

#include "net/proxy/exchange.hpp"
#include "net/proxy/runtime_config.hpp"
#include "net/proxy/shard_services.hpp"
#include "net/proxy/upstream_connection.hpp"

#include <memory>

namespace weir::net {

class dial;

class dial_owner {
public:
  /// The dial has ended: `done.connection` is connected, or null. The owner destroys the dial.
  virtual void on_dialled(dial& done) = 0;

protected:
  ~dial_owner() = default;
};

/// Carries the exchange it opens a connection for. Lives on one shard. One call of `on_dialled`
/// ends it, which may come from within `start`.
class dial final : public upstream_user, public timer_target {
public:
  /// `client` is whom a PROXY header names.
  dial(shard_services& shard, std::shared_ptr<const runtime_upstream> upstream, server_index server,
       const client_facts& client, dial_owner& owner);

  void start();

  exchange_ptr x;
  server_slot slot;
  std::unique_ptr<upstream_connection> connection;
  bool timed_out = false;
  server_index server() const { return server_; }

private:
  void on_upstream(upstream_connection& which) override;
  void on_timer(timer& which) override;
  void advance();
  bool announce();
  void end(bool connected);

  shard_services& shard_;
  std::shared_ptr<const runtime_upstream> upstream_; // its pool may go over to another one
  client_facts client_;
  dial_owner& owner_;
  timer timer_{*this};
  server_index server_;
  bool connected_ = false; // the socket is; TLS may still be under way
};

} // namespace weir::net
