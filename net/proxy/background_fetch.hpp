// A request to an origin that no client waits for: a relay whose client is nobody.
#pragma once

#include "net/http/forwarded.hpp"
#include "net/proxy/channel.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/relay.hpp"
#include "net/proxy/shard_services.hpp"

#include <string>
#include <string_view>

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

/// Sends a GET of our own in the name of another exchange and relays the answer to nobody: the
/// exchange's tap sees it. Ends by itself; has the relay's deadlines. What is fetched, and what
/// for, is the derived class's. Lives on one shard, inside its actor; no access log knows it.
class background_fetch : public relay_host, public timer_target {
public:
  background_fetch(const background_fetch&) = delete;
  background_fetch& operator=(const background_fetch&) = delete;
  virtual ~background_fetch();

  void start();
  /// The pool has decided.
  void resume(exchange& x);
  void advance();
  void kill();

protected:
  /// In the name of `cause`, which need not live on.
  background_fetch(shard_services& shard, background_host& host, const exchange& cause);

  /// The first lines of a head. Who sent no Host, as HTTP/1.0 may, has none to pass on.
  static std::string first_lines(std::string_view target, std::string_view authority);
  /// `head`, a whole head, is to go where `route` leads; what is no request fails at once. What
  /// else the exchange is to have is set between this and `start`.
  void prepare(std::string head, const routing& route);
  exchange& fetched() { return *x_; }
  /// However far it has come by then: for answers that somebody waits for.
  void end_at(steady_time when) { ends_at_ = when; }

private:
  /// It ends. `complete`: the answer came to its end. Else `x` says why not.
  virtual void on_end_of(const exchange& x, bool complete);

  void on_relay_event() override { advance(); }
  void on_timer(timer& which) override;
  void after(relay_state state);
  void lease();
  void arm(steady_time deadline);
  void end(bool complete);

  shard_services& shard_;
  background_host& host_;
  std::string head_; // what x_'s views point into
  forwarding identity_;
  channel nobody_;
  relay join_;
  timer timer_{*this};
  exchange_ptr x_;
  steady_time ends_at_ = steady_time::max();
  bool last_ = false; // the timer is armed for the end of all
  bool relaying_ = false;
  bool over_ = false;
};

} // namespace weir::net
