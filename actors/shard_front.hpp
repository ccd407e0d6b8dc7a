// One shard's data plane: listeners, connections and stages, and the services they share.
#pragma once

#include "actors/protocol.hpp"
#include "actors/shard.hpp"
#include "actors/shard_limiter.hpp"
#include "base/access_log.hpp"
#include "base/random.hpp"
#include "net/proxy/cache_stage.hpp"
#include "net/proxy/connection_limits.hpp"
#include "net/proxy/exchange_arena.hpp"
#include "net/proxy/front_door.hpp"
#include "net/proxy/listener.hpp"
#include "net/proxy/login_desk.hpp"
#include "net/proxy/overload_watch.hpp"
#include "net/proxy/session_work.hpp"
#include "net/proxy/shard_services.hpp"
#include "net/proxy/upstream_pool.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

namespace weir::actors {

class connection;

struct shard_front_options {
  net::cache_services& cache;     // the node's
  net::connection_limits& limits; // the node's
  node_limits& rate_limits;       // the node's
  const clock_source& clock;
  net::password_checker& passwords;   // the node's
  access_log::channel* log = nullptr; // null: no access log
  std::uint64_t seed = 0;
  shard_limiter::ban_handler on_ban; // told of clients that limits refused too often
  /// Has the watcher look after an actor that the shard cannot serve without. Null: nobody does.
  std::function<void(const std::string& name, const caf::strong_actor_ptr& actor)> supervise;
};

/// What a status page shows of one upstream on one shard.
struct pool_status {
  std::string upstream;
  std::int64_t queued = 0;
  std::uint64_t retries = 0;
  std::vector<std::uint64_t> answers; // by server
};

/// Made before its shard runs, destroyed after it has stopped. Belongs to the shard's thread, but
/// for what says otherwise and `collect` and `pools`, which any thread may call.
class shard_front final : public net::door_host {
public:
  shard_front(shard& home, const shard_front_options& options);
  ~shard_front();

  /// Spawns the stages and gives the router its first configuration. Before the shard runs.
  void spawn_stages(runtime_config_ptr config);
  /// Accepts on a bound socket from the shard's next turn on. Any thread.
  void post_listener(unique_fd socket, net::listener_facts facts);
  /// Closes the listener on that address, if there is one. Any thread.
  void post_close_listener(std::string address);
  /// Out of service (on): clients are answered, and told to come back on another connection.
  void set_draining(bool on);
  /// Tells every connection to end after its current answer; `when_empty` is called, once, when
  /// none is left.
  void drain(std::function<void()> when_empty);
  /// Closes what is left.
  void close_all();

  shard& home() { return home_; }
  net::shard_services& services() { return services_; }
  shard_limiter& limiter() { return limiter_; }
  const router_actor& router() const { return router_; }
  /// Who is refused from now on; null: nobody. Any thread.
  void post_bans(std::shared_ptr<const net::ban_set> bans);
  net::cache_stage& cache() { return cache_; }
  std::size_t refreshes = 0; // the cache's fetches behind an answer that are under way
  /// Called by the router: connections accepted and requests begun from now on use `config`.
  void install(runtime_config_ptr config);

  /// Without this actor the shard cannot serve: the node is to stop when it dies.
  template <class Handle>
  void supervise(const char* name, const Handle& actor) {
    if (supervise_) supervise_(name, caf::actor_cast<caf::strong_actor_ptr>(actor));
  }

  void add_connection(connection* which);
  void remove_connection(connection* which, const net::client_facts& client);
  void add_pool(const net::upstream_pool& which);
  void remove_pool(const net::upstream_pool& which);

  void collect(metrics_writer& out) const;
  const net::shard_metrics& metrics() const { return metrics_; }
  std::vector<pool_status> pools() const;

private:
  void stop_listening();
  bool empty() const { return connections_.empty() && starting_ == 0 && door_.empty(); }
  void give_back(const net::client_facts& client);
  void welcome(unique_fd socket, const net::client_facts& client) override;
  bool evict_idle() override;

  shard& home_;
  net::connection_limits& limits_;
  std::function<void(const std::string&, const caf::strong_actor_ptr&)> supervise_;
  net::exchange_arena arena_;
  slab_pool<net::session_work> works_;
  net::shard_metrics metrics_;
  random_source random_;
  net::shard_clock clock_;
  net::static_files files_;
  net::shard_services services_;
  shard_limiter limiter_;
  net::login_desk logins_;
  net::cache_stage cache_;
  net::front_door door_;
  net::overload_watch overload_;
  router_actor router_;
  std::vector<std::unique_ptr<net::listener>> listeners_;
  std::unordered_set<connection*> connections_;
  std::size_t starting_ = 0; // accepted, but their actors have not had their first turn
  std::function<void()> when_empty_;
  bool draining_ = false;
  std::size_t evict_from_ = 0; // bucket of connections_ where the next search begins

  mutable std::mutex pools_mutex_; // guards pools_
  std::vector<const net::upstream_pool*> pools_;
};

} // namespace weir::actors
