// The policies as functions over a filter: power of two choices (Mitzenmacher 2001), peak EWMA,
// least requests, smooth weighted round robin, rendezvous hashing with bounded loads.
#include "net/upstream/candidates.hpp"

#include "base/hash.hpp"

#include <algorithm>
#include <cmath>

namespace weir::net {

namespace {

/// Blind draws before all servers are looked at: with half of them unusable they all miss one time
/// in 64.
constexpr int blind_draws = 6;

/// Requests of a server whose latency nobody knows yet are as dear as very slow ones: it gets one
/// to measure, not a flood.
constexpr double unknown_cost_us = 1e9;

/// A server that shares by its weight among the equals that were offered so far (reservoir
/// sampling: load changes under our eyes, so each server is looked at once only).
class weighted_pick {
public:
  explicit weighted_pick(random_source& random) : random_(random) {}
  void restart() { sum_ = 0; }
  void offer(server_index server, std::uint64_t weight) {
    sum_ += weight;
    if (random_.below(sum_) < weight) chosen_ = server;
  }
  std::optional<server_index> chosen() const { return chosen_; }

private:
  random_source& random_;
  std::uint64_t sum_ = 0;
  std::optional<server_index> chosen_;
};

double expected_wait(const candidates& usable, server_index server) {
  const auto load = static_cast<double>(usable.table.in_flight(server));
  const auto share = load * weight_unit / static_cast<double>(usable.weight(server));
  const auto cost = cost_at(usable.table.latency(server), usable.now);
  return cost > 0 ? cost * (1 + share) : unknown_cost_us * share;
}

/// A key's distance to a server, shorter for a heavier one: exponential with rate `weight`.
double distance(std::uint64_t key, std::uint64_t identity, std::uint64_t weight) {
  const auto bits = mix64(key ^ mix64(identity)) >> 11;          // 53 of them: a double's
  const auto unit = (static_cast<double>(bits) + 0.5) * 0x1p-53; // in (0, 1)
  return -std::log(unit) / static_cast<double>(weight);
}

} // namespace

bool candidates::eligible(server_index server) const {
  if (table.backup(server) != (rank == server_rank::backup) || table.gone(server)) return false;
  return panic ||
         (table.health(server) == server_health::up && (ejected || !table.ejected(server, now)));
}

bool candidates::operator()(server_index server) const {
  return eligible(server) && !table.full(server) &&
         std::find(avoid.begin(), avoid.end(), server) == avoid.end();
}

weighted_draw::weighted_draw(const server_table& table) {
  std::uint64_t sum = 0;
  for (server_index i = 0; i < table.size(); ++i)
    sums_.push_back(sum += table.backup(i) || table.gone(i) ? 0 : table.weight(i));
}

std::optional<server_index> weighted_draw::operator()(const candidates& usable,
                                                      std::optional<server_index> other_than,
                                                      random_source& random) const {
  const auto accepts = [&](server_index server) { return server != other_than && usable(server); };
  const bool blindly = usable.rank == server_rank::primary && !sums_.empty() && sums_.back() > 0;
  for (int i = 0; blindly && i < blind_draws; ++i) {
    const auto point = random.below(sums_.back());
    const auto found = std::upper_bound(sums_.begin(), sums_.end(), point);
    const auto server = static_cast<server_index>(found - sums_.begin());
    if (!accepts(server)) continue;
    // Who is warming up keeps as many of its draws as it has of its weight.
    const auto whole = std::uint64_t{usable.table.weight(server)} * weight_unit;
    const auto now = usable.weight(server);
    if (now == whole || random.below(whole) < now) return server;
  }
  weighted_pick pick(random);
  for (server_index i = 0; i < usable.table.size(); ++i)
    if (accepts(i)) pick.offer(i, usable.weight(i));
  return pick.chosen();
}

std::optional<server_index> choose_of_two(const candidates& usable, const weighted_draw& draw,
                                          random_source& random) {
  const auto first = draw(usable, std::nullopt, random);
  const auto second = first && usable.table.size() > 1 ? draw(usable, first, random) : std::nullopt;
  if (!second) return first;
  // The first when equal, so that an idle upstream is shared by weight.
  const auto load = [&](server_index server, server_index other) {
    return std::uint64_t{usable.table.in_flight(server)} * usable.weight(other);
  };
  return load(*second, *first) < load(*first, *second) ? second : first;
}

std::optional<server_index>
choose_fastest_of_two(const candidates& usable, const weighted_draw& draw, random_source& random) {
  const auto first = draw(usable, std::nullopt, random);
  const auto second = first && usable.table.size() > 1 ? draw(usable, first, random) : std::nullopt;
  if (!second) return first;
  return expected_wait(usable, *second) < expected_wait(usable, *first) ? second : first;
}

std::optional<server_index> choose_least_requests(const candidates& usable, random_source& random) {
  weighted_pick pick(random);
  std::uint64_t best_load = 0;
  std::uint64_t best_weight = 0; // 0: none yet
  for (server_index i = 0; i < usable.table.size(); ++i) {
    if (!usable(i)) continue;
    const std::uint64_t load = usable.table.in_flight(i);
    const auto weight = usable.weight(i);
    const auto mine = load * best_weight;
    const auto theirs = best_load * weight;
    if (best_weight != 0 && mine > theirs) continue;
    if (best_weight == 0 || mine < theirs) {
      pick.restart();
      best_load = load;
      best_weight = weight;
    }
    pick.offer(i, weight);
  }
  return pick.chosen();
}

std::optional<server_index> choose_in_turn(const candidates& usable,
                                           std::vector<std::int64_t>& turns) {
  std::int64_t sum = 0;
  std::optional<server_index> best;
  for (server_index i = 0; i < usable.table.size(); ++i) {
    if (!usable(i)) continue;
    const auto weight = static_cast<std::int64_t>(usable.weight(i));
    turns[i] += weight;
    sum += weight;
    if (!best || turns[i] > turns[*best]) best = i;
  }
  if (best) turns[*best] -= sum;
  return best;
}

std::optional<server_index> choose_by_hash(const candidates& usable, std::uint64_t key,
                                           bool bounded) {
  std::uint64_t load = 1; // the request that is to be placed
  std::uint64_t weights = 0;
  for (server_index i = 0; bounded && i < usable.table.size(); ++i) {
    if (!usable.eligible(i)) continue;
    load += usable.table.in_flight(i);
    weights += usable.weight(i);
  }
  // In whole numbers: a share that is met exactly must not depend on rounding.
  const auto within_bound = [&](server_index server) {
    return std::uint64_t{usable.table.in_flight(server)} * weights * 100 <
           load_bound_percent * load * usable.weight(server);
  };
  std::optional<server_index> nearest;
  std::optional<server_index> anyone; // should all that are within their bound be full or avoided
  double shortest = 0;
  double shortest_of_any = 0;
  for (server_index i = 0; i < usable.table.size(); ++i) {
    if (!usable(i)) continue;
    const auto away = distance(key, usable.table.identity(i), usable.weight(i));
    if (!anyone || away < shortest_of_any) {
      anyone = i;
      shortest_of_any = away;
    }
    if (bounded && !within_bound(i)) continue;
    if (nearest && away >= shortest) continue;
    nearest = i;
    shortest = away;
  }
  return nearest ? nearest : anyone;
}

} // namespace weir::net
