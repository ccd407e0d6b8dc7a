// One shard's connections to the servers of one upstream: leases, keeps, dials, queues and repeats.
#pragma once

#include "base/random.hpp"
#include "net/proxy/dial.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/idle_connections.hpp"
#include "net/proxy/pool_metrics.hpp"
#include "net/proxy/runtime_config.hpp"
#include "net/proxy/scout.hpp"
#include "net/proxy/shard_services.hpp"
#include "net/upstream/balancer.hpp"
#include "net/upstream/hedge_policy.hpp"
#include "net/upstream/retry_policy.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace weir::net {

/// What a pool tells its actor. Every exchange given to `acquire` comes back by exactly one of the
/// first two.
class pool_host {
public:
  /// `x.lease` is a connected connection.
  virtual void granted(exchange_ptr x) = 0;
  /// No connection will come: `x.status` and `x.reason` say why.
  virtual void refused(exchange_ptr x) = 0;
  /// A function that, from any thread, makes the shard call `serve_queue()` soon.
  virtual std::function<void()> waker() = 0;

protected:
  ~pool_host() = default;
};

/// How a lease ended, as far as the server is to blame.
enum class lease_outcome : std::uint8_t {
  reusable, // the answer is complete and the connection is clean
  finished, // the answer is complete, the connection is not to be used again
  aborted,  // the client's side ended it: says nothing about the server
};

/// Lives on one shard, owned by its actor; leases and dials refer to it. At most
/// `queue.size` exchanges wait, each for `queue.timeout`; idle connections are closed after
/// `timeouts.idle`. A supervised app that refuses a connection is being restarted, its supervisor
/// only has not said so yet: whoever was refused waits too.
class upstream_pool final : public dial_owner, public idle_owner, public timer_target {
public:
  upstream_pool(shard_services& shard, std::shared_ptr<const runtime_upstream> upstream,
                pool_host& host);
  ~upstream_pool();

  /// Leases a connection to a server of the balancer's choice, at once or later.
  void acquire(exchange_ptr x);
  /// Lets go of `x.lease`, whose origin has switched protocols: it is answered, its place is free
  /// for the next request, and the connection is the caller's.
  std::unique_ptr<upstream_connection> hand_over(exchange& x);
  /// Takes back `x.lease`.
  void release(exchange& x, lease_outcome outcome);
  /// The attempt on `x.lease` failed: counts it against the server, drops the connection and says
  /// whether to `acquire` again.
  retry_decision give_up(exchange& x, failed_attempt attempt);
  /// Whether an answer with a gateway status may be thrown away and the request repeated. When so,
  /// the repeat is taken out of the budget: `drop` the lease, then `acquire` again.
  bool may_retry(exchange& x, failed_attempt attempt);
  /// Closes `x.lease`, whose answer was thrown away.
  void drop(exchange& x);
  /// An answer was passed on that speaks against the server.
  void count_failure(const exchange& x, failure_kind kind);

  // -- hedging (upstream_pool_hedge.cpp)
  /// When a second server is to be asked, should nothing of the answer to `x`, which was just
  /// leased, have come by then; max(): never.
  steady_time hedge_at(const exchange& x) { return hedge_ ? hedge_time(x) : steady_time::max(); }
  /// A second place for `x`, whose answer is late; nothing: not now. What is given comes back by
  /// exactly one of the next two.
  std::optional<second_place> hedge(exchange& x);
  /// `second` is the lease from now on; the first one, if it is still there, was slower.
  void adopt(exchange& x, std::unique_ptr<upstream_connection> second, steady_time dialled,
             steady_time leased);
  /// A second attempt at `server` is over after `took`: it failed, or nobody needs it any more.
  void end_hedge(server_index server, std::optional<failure_kind> failed, duration took);
  /// The first attempt failed while the second is under way: counts it, and drops its connection.
  void leave_to_second(exchange& x, failure_kind kind, bool answer_begun);
  /// The second attempt failed, at `server`, and the first had before: whether to `acquire` again.
  retry_decision give_up_second(exchange& x, server_index server, failed_attempt attempt);
  /// An answer with this status would be repeated.
  bool repeats(std::uint16_t status) const {
    return is_listed(upstream_->settings.retries, status);
  }

  /// Looks for places for those who wait.
  void serve_queue();
  /// The upstream has other addresses: connections to those that stay are kept, those to others end
  /// with their leases. REQUIRES: `next` has the same line.
  void follow(std::shared_ptr<const runtime_upstream> next);
  /// Serves on, but keeps no connection: the configuration no longer has this upstream.
  void retire();
  /// Whether anything still leases, dials or waits.
  bool busy() const;
  /// The host goes: refuses whoever waits and closes each lease as it comes back.
  void close();

  const runtime_upstream& upstream() const { return *upstream_; }
  const pool_metrics& metrics() const { return metrics_; }
  const std::string& name() const { return name_; }
  /// Answers that each server gave; any thread.
  std::vector<std::uint64_t> answers() const;
  /// Writes what it counted; any thread.
  void collect(metrics_writer& out) const;

private:
  friend void intrusive_ptr_add_ref(upstream_pool* pool);
  friend void intrusive_ptr_release(upstream_pool* pool);

  void on_dialled(dial& done) override;
  void on_idle_closed(upstream_connection& connection) override;
  void on_timer(timer& which) override;

  /// Tries to place `x` on a server; false: no place now, it may wait.
  bool place(exchange_ptr& x);
  std::unique_ptr<upstream_connection> take_kept(const exchange& x, server_index server);
  void grant(exchange_ptr x, std::unique_ptr<upstream_connection> connection, server_slot slot);
  void keep(std::unique_ptr<upstream_connection> connection);
  void start_dial(exchange_ptr x, server_slot slot);
  void dial_failed(exchange_ptr x, server_index server, bool timed_out);
  void enqueue(exchange_ptr x);
  void park(exchange_ptr x);
  void unpark();
  void place_waiting();
  void count_waiting();
  bool may_wait(exchange_ptr& x);
  void refuse(exchange_ptr x, std::uint16_t status, end_reason reason);
  void expire_waiting(steady_time now);
  void count_answer(const exchange& x, server_index server);
  void count_latency(server_index server, std::uint16_t status, duration took);
  void collect_server(metrics_writer& out, const server_metrics& server) const;
  void begin(exchange& x);
  bool enter(exchange_ptr& x);
  void collect_hedges(metrics_writer& out) const;
  retry_decision decide(exchange& x, failed_attempt attempt);
  retry_decision decide_for(exchange& x, failed_attempt attempt, server_index server);
  void count_failure_of(server_index server, failure_kind kind, duration took);
  void count_connect_failure(server_index server);
  bool retries_open(const exchange& x) const;
  void take_retry_permit(exchange& x);
  steady_time hedge_time(const exchange& x);
  hedge_reason find_second(const exchange& x, server_slot& slot);
  void count_first_byte(const exchange& x, duration took);
  void count_wait(server_index server, duration waited);
  void drop_cancelled();
  void arm();
  void know_servers();
  void limit_uploads();

  shard_services& shard_;
  const std::string name_; // what exchanges and logs view: outlives every configuration
  std::shared_ptr<const runtime_upstream> upstream_;
  pool_host* host_;
  balancer balancer_;
  retry_budget budget_;
  std::unique_ptr<hedge_policy> hedge_; // null: off
  idle_connections idle_;
  std::unordered_map<dial*, std::unique_ptr<dial>> dials_;
  std::deque<exchange_ptr> queue_;
  std::deque<exchange_ptr> parked_; // of an app that broke or refused: tried at the next look
  timer timer_{*this};
  pool_metrics metrics_;
  std::vector<std::unique_ptr<server_metrics>> by_server_; // grows only
  mutable std::mutex by_server_mutex_; // guards its growth against readers on other threads
  std::uint32_t uploads_max_ = 1;      // half of what `max_connections` and `max_requests` allow
  std::uint32_t references_ = 0;
  bool retired_ = false;
  bool woken_ = false; // a wake-up is registered with the server table
};

} // namespace weir::net
