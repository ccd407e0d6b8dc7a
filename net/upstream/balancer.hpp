// Which server of an upstream gets the next request: the order of the questions, whatever the
// policy.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "config/settings.hpp"
#include "net/upstream/candidates.hpp"
#include "net/upstream/server_table.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace weir::net {

/// As the file has it.
std::string_view name_of(config::balance_policy policy);

enum class choice_status : std::uint8_t {
  chosen,
  busy,    // every healthy server is at its max_connections: queue
  pending, // no server's first health check has ended yet: queue
  down,    // every server is down: 503
};

struct server_choice {
  choice_status status = choice_status::down;
  server_index server = 0; // meaningful when chosen
  bool panic = false;      // chosen without regard to health
  // The round that decided: whom it looked at.
  server_rank rank = server_rank::primary;
  bool ejected = false; // ejected ones too
  bool sticky = false;  // no round: it is the client's own
};

/// What one request wishes of its server.
struct server_wish {
  std::span<const server_index> tried = {}; // avoided as long as another one is usable
  std::uint64_t key = 0;                    // of `hash` and `ip_hash`; 0: none, any server will do
  std::optional<server_index> sticky = {};  // the client's own server
};

/// Chooses among the servers of one table. One instance per upstream and shard: what it remembers
/// (the turns of round_robin) is the shard's alone, what it looks at (load, health, latency) is the
/// node's.
///
/// A server is usable when active checks hold it up, it is not ejected and it has a place left.
/// Backup servers come when no other one is up, or when a repeat would meet only servers it has
/// tried. Ejection is an opinion, a failed check is a fact: when every server that is up is
/// ejected, ejected ones are used; when none is up, nothing is, unless fewer than `panic` percent
/// are well: then checks are not believed.
class balancer {
public:
  /// `start` is random: it shifts where round_robin begins, so that shards do not all begin with
  /// the same server.
  balancer(std::shared_ptr<server_table> table, const config::upstream_settings& settings,
           std::uint64_t start);

  /// Does not take a place: see `acquire`.
  server_choice pick(steady_time now, random_source& random, const server_wish& wish = {});

  /// `pick`, and takes a place on the server; another shard may take the last one in between, then
  /// it picks again. `slot` is set when and only when the status is `chosen`.
  server_choice acquire(steady_time now, random_source& random, const server_wish& wish,
                        server_slot& slot);

  /// A place on another good server than those tried: no backup, none that is ejected, and none at
  /// all while health is not believed.
  std::optional<server_slot> acquire_another(steady_time now, random_source& random,
                                             const server_wish& wish);

  /// Whether the server may get requests at all, busy or not: a client that belongs there stays.
  bool keeps(server_index server, steady_time now) const;

  const std::shared_ptr<server_table>& table() const { return table_; }

private:
  std::optional<server_index> choose(const candidates& usable, const server_wish& wish,
                                     random_source& random);
  server_choice pick_by_health(steady_time now, random_source& random, const server_wish& wish);
  bool panics(steady_time now) const;
  bool any_eligible(const candidates& round) const;
  bool any_unknown() const;

  std::shared_ptr<server_table> table_;
  config::balance_policy policy_;
  std::uint32_t panic_percent_;
  weighted_draw draw_;
  std::vector<std::int64_t> turns_; // round_robin: nginx's current weight
};

} // namespace weir::net
