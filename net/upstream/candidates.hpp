// Which servers one round of balancing may use, and the ways to choose among them.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "net/upstream/server_table.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace weir::net {

/// The rank of servers that a round looks at.
enum class server_rank : std::uint8_t { primary, backup };

/// A filter over one table's servers, made for one decision.
struct candidates {
  const server_table& table;
  steady_time now;
  std::span<const server_index> avoid = {};
  server_rank rank = server_rank::primary;
  bool ejected = false; // use these too
  bool panic = false;   // use those that are down too

  /// Whether the server belongs to the round, busy or not.
  bool eligible(server_index server) const;
  /// Eligible, has a place left, and is not to be avoided.
  bool operator()(server_index server) const;
  /// The weight at this moment: see server_table::weight_now.
  std::uint64_t weight(server_index server) const { return table.weight_now(server, now); }
};

/// Draws by weight in constant time as long as most servers can be used. Made once per table.
class weighted_draw {
public:
  explicit weighted_draw(const server_table& table);

  /// A usable server by weight, each with its fair chance whichever way it is found.
  std::optional<server_index> operator()(const candidates& usable,
                                         std::optional<server_index> other_than,
                                         random_source& random) const;

private:
  std::vector<std::uint64_t> sums_; // running, of the primaries' whole weights
};

/// Power of two choices: of two draws the one with fewer requests in flight for its weight.
std::optional<server_index> choose_of_two(const candidates& usable, const weighted_draw& draw,
                                          random_source& random);
/// Of two draws the one that is expected to answer sooner: its latency times its queue.
std::optional<server_index> choose_fastest_of_two(const candidates& usable,
                                                  const weighted_draw& draw, random_source& random);
/// The fewest requests in flight for its weight; equal ones share by weight.
std::optional<server_index> choose_least_requests(const candidates& usable, random_source& random);
/// One turn of nginx's smooth weighted round robin: everyone usable gains its weight, the richest
/// is chosen and pays the sum.
std::optional<server_index> choose_in_turn(const candidates& usable,
                                           std::vector<std::int64_t>& turns);

/// Weighted rendezvous hashing (Thaler and Ravishankar 1998; weights as in Schindelhauer and
/// Schomaker 2005): every key has its own order of the servers, so that a server that leaves takes
/// only its own keys along. With `bounded` a server with more than `load_bound_percent` of its
/// share of the requests in flight is passed over (Mirrokni, Thorup and Zadimoghaddam 2016).
std::optional<server_index> choose_by_hash(const candidates& usable, std::uint64_t key,
                                           bool bounded);
/// HAProxy's and Vimeo's figure: a quarter above the mean evens out hot keys, and moves few.
inline constexpr std::uint64_t load_bound_percent = 125;

} // namespace weir::net
