// The LIMITER's decisions on one shard: which limits concern an exchange, and whether they let it
// pass.
#pragma once

#include "actors/limit_judgement.hpp"
#include "actors/node_limits.hpp"
#include "actors/protocol.hpp"
#include "net/limit/limit_keys.hpp"
#include "net/proxy/shard_services.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace weir::actors {

/// Calls into the node's table as plain functions; nothing here waits. Belongs to its shard, but
/// for `collect`, which any thread may call.
class shard_limiter {
public:
  /// Told of a client that is to be banned; must not block.
  using ban_handler = std::function<void(const ip_address& client, const config::ban_rule& rule,
                                         const net::request_limit& last)>;

  shard_limiter(node_limits& node, const net::event_loop& loop, ban_handler on_ban)
      : node_(node), loop_(loop), keys_(node.secret()), on_ban_(std::move(on_ban)) {}

  /// Counts the limits of these sites from now on. Series are kept by name over reloads.
  void install(const net::site_table& sites);

  /// Whether the exchange may go on; else status, reason and when to come again are filled in. Asks
  /// the limits that count at this stage: all of a route must let it pass, and a refusal takes
  /// nothing from the others.
  bool admit(live_exchange& x, config::limit_count stage);

  void collect(metrics_writer& out) const;

private:
  enum class decision : std::uint8_t { allowed, rate, concurrency, dry_run };
  static constexpr std::array<const char*, 4> decision_names{"allowed", "rate", "concurrency",
                                                             "dry_run"};
  struct series {
    std::array<counter, decision_names.size()> decisions;
  };

  bool take(live_exchange& x, const asked_limit& one, duration now);
  void refuse(live_exchange& x, const limit_refusal& refusal);
  void count(const net::request_limit& limit, decision made);
  void count_refusal(const live_exchange& x, const net::request_limit& limit);

  node_limits& node_;
  const net::event_loop& loop_;
  net::limit_keys keys_;
  ban_handler on_ban_;
  mutable std::mutex mutex_; // guards the map, not the counters in it
  std::unordered_map<std::string, std::unique_ptr<series>> by_name_;
  std::unordered_map<std::uint64_t, series*> by_id_; // the shard's own
};

} // namespace weir::actors
