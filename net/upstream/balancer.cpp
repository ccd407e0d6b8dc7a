// Power of two choices (Mitzenmacher 2001) with weighted draws, and nginx's smooth weighted round
// robin.
#include "net/upstream/balancer.hpp"

#include <algorithm>

namespace weir::net {

/// The servers that one round of picking may use.
struct balancer::candidates {
  const server_table& table;
  steady_time now;
  std::span<const server_index> avoid;
  bool ejected = false; // use these too

  bool operator()(server_index server) const {
    return table.health(server) == server_health::up && !table.full(server) &&
           (ejected || !table.ejected(server, now)) &&
           std::find(avoid.begin(), avoid.end(), server) == avoid.end();
  }
};

namespace {

/// Blind draws before all servers are looked at: with half of them unusable they all miss one time
/// in 64.
constexpr int blind_draws = 6;

/// Times another shard may snatch the chosen place away before the upstream counts as full.
constexpr int lost_races_max = 4;

/// One turn of nginx's smooth weighted round robin: everyone usable gains its weight, the richest
/// is chosen and pays the sum.
template <class Usable>
std::optional<server_index> smooth_turn(const server_table& table, std::vector<std::int64_t>& turns,
                                        const Usable& usable) {
  std::int64_t sum = 0;
  std::optional<server_index> best;
  for (server_index i = 0; i < table.size(); ++i) {
    if (!usable(i)) continue;
    turns[i] += table.weight(i);
    sum += table.weight(i);
    if (!best || turns[i] > turns[*best]) best = i;
  }
  if (best) turns[*best] -= sum;
  return best;
}

} // namespace

balancer::balancer(std::shared_ptr<server_table> table, config::balance_policy policy,
                   std::uint64_t start)
    : table_(std::move(table)), policy_(policy), turns_(table_->size(), 0) {
  std::uint64_t sum = 0;
  for (server_index i = 0; i < table_->size(); ++i)
    weight_sums_.push_back(sum += table_->weight(i));
  for (auto skip = start % table_->size(); skip > 0; --skip)
    smooth_turn(*table_, turns_, [](server_index) { return true; });
}

server_choice balancer::pick(steady_time now, random_source& random,
                             std::span<const server_index> tried) {
  auto choose = [&](const candidates& usable) {
    return policy_ == config::balance_policy::p2c ? two_choices(usable, random)
                                                  : smooth_turn(*table_, turns_, usable);
  };
  for (bool ejected_too : {false, true}) {
    auto found = choose({*table_, now, tried, ejected_too});
    if (!found && !tried.empty()) found = choose({*table_, now, {}, ejected_too});
    if (found) return {choice_status::chosen, *found};
    if (any_up(now, ejected_too)) return {choice_status::busy};
  }
  return {any_unknown() ? choice_status::pending : choice_status::down};
}

server_choice balancer::acquire(steady_time now, random_source& random,
                                std::span<const server_index> tried, server_slot& slot) {
  for (int races = 0; races < lost_races_max; ++races) {
    auto choice = pick(now, random, tried);
    if (choice.status != choice_status::chosen) return choice;
    if (auto taken = table_->try_acquire(choice.server)) {
      slot = std::move(*taken);
      return choice;
    }
  }
  return {choice_status::busy};
}

std::optional<server_index> balancer::two_choices(const candidates& usable,
                                                  random_source& random) const {
  auto first = draw(usable, std::nullopt, random);
  auto second = first && table_->size() > 1 ? draw(usable, first, random) : std::nullopt;
  if (!second) return first;
  // The less loaded for its weight; the first when equal, so that an idle upstream is shared by
  // weight.
  auto load = [&](server_index server, server_index other) {
    return std::uint64_t{table_->in_flight(server)} * table_->weight(other);
  };
  return load(*second, *first) < load(*first, *second) ? second : first;
}

/// A usable server by weight, each with its fair chance whichever way it is found.
std::optional<server_index> balancer::draw(const candidates& usable,
                                           std::optional<server_index> other_than,
                                           random_source& random) const {
  auto accepts = [&](server_index server) { return server != other_than && usable(server); };
  for (int i = 0; i < blind_draws; ++i) {
    auto point = random.below(weight_sums_.back());
    auto found = std::upper_bound(weight_sums_.begin(), weight_sums_.end(), point);
    auto server = static_cast<server_index>(found - weight_sums_.begin());
    if (accepts(server)) return server;
  }
  // Reservoir sampling: load changes under our eyes, so each server is looked at once only.
  std::uint64_t sum = 0;
  std::optional<server_index> chosen;
  for (server_index i = 0; i < table_->size(); ++i) {
    if (!accepts(i)) continue;
    sum += table_->weight(i);
    if (random.below(sum) < table_->weight(i)) chosen = i;
  }
  return chosen;
}

bool balancer::any_up(steady_time now, bool ejected_too) const {
  for (server_index i = 0; i < table_->size(); ++i)
    if (table_->health(i) == server_health::up && (ejected_too || !table_->ejected(i, now)))
      return true;
  return false;
}

bool balancer::any_unknown() const {
  for (server_index i = 0; i < table_->size(); ++i)
    if (table_->health(i) == server_health::unknown) return true;
  return false;
}

} // namespace weir::net
