// A request to an origin that no client waits for: what the cache fetches behind an answer.
#pragma once

#include "net/http/forwarded.hpp"
#include "net/proxy/cached_exchange.hpp"
#include "net/proxy/channel.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/relay.hpp"
#include "net/proxy/shard_services.hpp"

#include <memory>
#include <string>

namespace weir::net {

/// What a background fetch asks of the actor it lives in.
class background_host {
public:
  /// Lease a connection for it; `resume` brings the verdict.
  virtual void lease(exchange_ptr x) = 0;
  /// Call `advance` again in the shard's next turn.
  virtual void continue_soon() = 0;
  /// It is over: destroy it, but not from within this call.
  virtual void ended() = 0;

protected:
  ~background_host() = default;
};

/// Sends the GET that another exchange stands for, without that one's conditions and with those of
/// its cache part, and relays the answer to nobody: the cache part keeps it. Ends by itself; has
/// the relay's deadlines. Lives on one shard, inside its actor; no access log knows it.
class background_fetch final : public relay_host, public timer_target {
public:
  background_fetch(shard_services& shard, background_host& host, const exchange& origin,
                   std::unique_ptr<cached_exchange> cache);
  ~background_fetch();

  /// The exchange to lease for; null when the request cannot be made again.
  exchange_ptr exchange_to_lease() const { return x_; }
  void start();
  /// The pool has decided.
  void resume(exchange& x);
  void advance();
  void kill();

private:
  void on_relay_event() override { advance(); }
  void on_timer(timer& which) override;
  void after(relay_state state);
  void end();
  bool make_request(const exchange& origin);

  shard_services& shard_;
  background_host& host_;
  std::string head_; // what x_'s views point into
  forwarding identity_;
  channel nobody_;
  relay join_;
  timer timer_{*this};
  exchange_ptr x_;
  bool relaying_ = false;
  bool over_ = false;
};

} // namespace weir::net
