// Which server of an upstream gets the next request: power of two choices, or smooth weighted round
// robin.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "config/settings.hpp"
#include "net/upstream/server_table.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace weir::net {

enum class choice_status : std::uint8_t {
  chosen,
  busy,    // every healthy server is at max_connections: queue
  pending, // no server's first health check has ended yet: queue
  down,    // every server is down: 503
};

struct server_choice {
  choice_status status = choice_status::down;
  server_index server = 0; // meaningful when chosen
};

/// Chooses among the servers of one table. One instance per upstream and shard: what it remembers
/// (the turns of round_robin) is the shard's alone, what it looks at (load, health) is the node's.
///
/// A server is usable when active checks hold it up, it is not ejected and it has a place left.
/// Servers in `tried` are avoided as long as another one is usable. Ejection is an opinion, a
/// failed check is a fact: when every server that is up is ejected, ejected ones are used; when
/// none is up, nothing is.
class balancer {
public:
  /// `start` is random: it shifts where round_robin begins, so that shards do not all begin with
  /// the same server.
  balancer(std::shared_ptr<server_table> table, config::balance_policy policy, std::uint64_t start);

  /// Does not take a place: see `acquire`.
  server_choice pick(steady_time now, random_source& random,
                     std::span<const server_index> tried = {});

  /// `pick`, and takes a place on the server; another shard may take the last one in between, then
  /// it picks again. `slot` is set when and only when the status is `chosen`.
  server_choice acquire(steady_time now, random_source& random, std::span<const server_index> tried,
                        server_slot& slot);

  const std::shared_ptr<server_table>& table() const { return table_; }

private:
  struct candidates; // which servers one round of picking may use
  std::optional<server_index> two_choices(const candidates& usable, random_source& random) const;
  std::optional<server_index> draw(const candidates& usable, std::optional<server_index> other_than,
                                   random_source& random) const;
  bool any_up(steady_time now, bool ejected_too) const;
  bool any_unknown() const;

  std::shared_ptr<server_table> table_;
  config::balance_policy policy_;
  std::vector<std::uint64_t>
      weight_sums_; // running sums: a random point below the last one draws by weight
  std::vector<std::int64_t> turns_; // round_robin: nginx's current weight
};

} // namespace weir::net
