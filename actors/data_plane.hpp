// All shards' data planes as one: what the node opens, installs, drains and counts.
#pragma once

#include "actors/runtime.hpp"
#include "actors/shard_front.hpp"
#include "config/placement.hpp"
#include "net/admin/node_view.hpp"
#include "net/explain/explain.hpp"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

namespace weir::actors {

struct data_plane_options {
  const clock_source& clock; // this and the next outlive the plane
  net::object_store& cache;
  access_log* log = nullptr; // null: off
  std::uint64_t rate_limit_memory = config::defaults::rate_limit_memory;
  shard_limiter::ban_handler on_ban;
  std::function<void(const std::string& name, const caf::strong_actor_ptr& actor)> supervise;
};

/// Sums over the shards.
struct traffic_totals {
  std::uint64_t requests = 0;
  std::array<std::uint64_t, 6> responses{}; // by status class; 0: none was sent
  std::uint64_t request_bytes = 0;
  std::uint64_t response_bytes = 0;
  std::int64_t in_flight = 0;
  std::uint64_t connections = 0;
};

/// A socket address the node listens on, as bound.
struct bound_address {
  std::string wanted; // as configured
  net::socket_address address;
  bool secure = false;
};

/// Made after the runtime's shards and before they run; destroyed after they have stopped. Its
/// calls belong to the thread that owns the node (main or the config keeper), one at a time; the
/// getters to any.
class data_plane {
public:
  /// What could not be opened, and why.
  struct failure {
    std::string address;
    error_code code;
    explicit operator bool() const { return code.failed(); }
  };

  data_plane(runtime& threads, const data_plane_options& options);
  ~data_plane();

  /// Spawns the stages with their first configuration. Before the shards run.
  void spawn(const runtime_config_ptr& config);
  /// Opens what `plan` names and is not open yet, and closes what it does not name. Connections are
  /// left alone. When one address cannot be opened nothing changes.
  failure listen(const config::bind_plan& plan);
  /// New requests and connections use `config` from now on.
  void install(const runtime_config_ptr& config);
  /// Who is refused from now on; null: nobody. Any thread.
  void set_bans(const std::shared_ptr<const net::ban_set>& bans);
  /// Out of service: new connections are still answered, but none is kept. Any thread.
  void set_draining(bool on);
  /// Listeners close; connections end after their current answer.
  void begin_drain();
  bool drained() const { return shards_draining_.load() == 0; }
  /// Closes what is left.
  void close_connections();

  std::vector<bound_address> addresses() const;
  node_limits& rate_limits() { return rate_limits_; }
  std::size_t shards() const { return fronts_.size(); }
  traffic_totals totals() const;
  std::vector<pool_status> pools() const;
  net::cache_report cache() const;
  /// Why the request would go where it would go, by this configuration. Nothing learns of it. May
  /// look at files: not on a shard.
  net::explanation explain(const net::explain_request& asked, const runtime_config_ptr& config);
  void collect(metrics_writer& out) const;

private:
  failure open(const config::endpoint_address& endpoint, bool secure,
               std::vector<bound_address>& opened);

  runtime& threads_;
  const clock_source& clock_;
  net::connection_limits limits_;
  node_limits rate_limits_;
  mutable net::cache_services cache_;
  net::password_checker passwords_;
  std::vector<std::unique_ptr<shard_front>> fronts_;
  mutable std::mutex bans_mutex_; // guards bans_
  std::shared_ptr<const net::ban_set> bans_;
  mutable std::mutex bound_mutex_; // guards bound_ for readers on other threads
  std::vector<bound_address> bound_;
  std::atomic<std::size_t> shards_draining_;
};

} // namespace weir::actors
