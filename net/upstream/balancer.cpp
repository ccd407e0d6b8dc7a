// Rounds from the best servers to the worst; the first round that has anyone decides.
#include "net/upstream/balancer.hpp"

#include <algorithm>

namespace weir::net {

namespace {

/// Times another shard may snatch the chosen place away before the upstream counts as full.
constexpr int lost_races_max = 4;

constexpr server_rank ranks[] = {server_rank::primary, server_rank::backup};

} // namespace

std::string_view name_of(config::balance_policy policy) {
  switch (policy) {
  case config::balance_policy::p2c:
    return "p2c";
  case config::balance_policy::round_robin:
    return "round_robin";
  case config::balance_policy::least_requests:
    return "least_requests";
  case config::balance_policy::ewma:
    return "ewma";
  case config::balance_policy::ip_hash:
    return "ip_hash";
  case config::balance_policy::hash:
    return "hash";
  }
  return "invalid";
}

balancer::balancer(std::shared_ptr<server_table> table, const config::upstream_settings& settings,
                   std::uint64_t start)
    : table_(std::move(table)), policy_(settings.balance), panic_percent_(settings.panic_percent),
      draw_(*table_), turns_(table_->size(), 0) {
  // Turns before anything happened: everyone takes part.
  const candidates all{.table = *table_, .now = {}, .panic = true};
  for (auto skip = start % table_->size(); skip > 0; --skip)
    choose_in_turn(all, turns_);
}

server_choice balancer::pick(steady_time now, random_source& random, const server_wish& wish) {
  if (wish.sticky && keeps(*wish.sticky, now) && !table_->full(*wish.sticky) &&
      std::find(wish.tried.begin(), wish.tried.end(), *wish.sticky) == wish.tried.end())
    return {.status = choice_status::chosen, .server = *wish.sticky, .sticky = true};
  if (panic_percent_ != 0 && panics(now)) {
    candidates everyone{.table = *table_, .now = now, .avoid = wish.tried, .panic = true};
    auto found = choose(everyone, wish, random);
    everyone.avoid = {};
    if (!found && !wish.tried.empty()) found = choose(everyone, wish, random);
    if (found) return {.status = choice_status::chosen, .server = *found, .panic = true};
    return {.status = choice_status::busy, .panic = true};
  }
  return pick_by_health(now, random, wish);
}

server_choice balancer::pick_by_health(steady_time now, random_source& random,
                                       const server_wish& wish) {
  const auto chosen = [](const candidates& round, server_index server) {
    return server_choice{.status = choice_status::chosen,
                         .server = server,
                         .rank = round.rank,
                         .ejected = round.ejected};
  };
  for (const bool ejected_too : {false, true}) {
    candidates round{.table = *table_, .now = now, .ejected = ejected_too};
    round.avoid = wish.tried;
    for (const auto rank : ranks) {
      if (wish.tried.empty()) break;
      round.rank = rank;
      if (const auto found = choose(round, wish, random)) return chosen(round, *found);
    }
    round.avoid = {};
    for (const auto rank : ranks) {
      if (rank == server_rank::backup && !table_->has_backups()) break;
      round.rank = rank;
      if (const auto found = choose(round, wish, random)) return chosen(round, *found);
      if (any_eligible(round))
        return {.status = choice_status::busy, .rank = rank, .ejected = ejected_too};
    }
  }
  return {any_unknown() ? choice_status::pending : choice_status::down};
}

server_choice balancer::acquire(steady_time now, random_source& random, const server_wish& wish,
                                server_slot& slot) {
  for (int races = 0; races < lost_races_max; ++races) {
    const auto choice = pick(now, random, wish);
    if (choice.status != choice_status::chosen) return choice;
    if (auto taken = table_->try_acquire(choice.server)) {
      slot = std::move(*taken);
      return choice;
    }
  }
  return {choice_status::busy};
}

std::optional<server_slot> balancer::acquire_another(steady_time now, random_source& random,
                                                     const server_wish& wish) {
  if (panic_percent_ != 0 && panics(now)) return std::nullopt;
  const candidates others{.table = *table_, .now = now, .avoid = wish.tried};
  for (int races = 0; races < lost_races_max; ++races) {
    const auto found = choose(others, wish, random);
    if (!found) break;
    if (auto taken = table_->try_acquire(*found)) return taken;
  }
  return std::nullopt;
}

std::optional<server_index> balancer::choose(const candidates& usable, const server_wish& wish,
                                             random_source& random) {
  switch (policy_) {
  case config::balance_policy::p2c:
    break;
  case config::balance_policy::round_robin:
    return choose_in_turn(usable, turns_);
  case config::balance_policy::least_requests:
    return choose_least_requests(usable, random);
  case config::balance_policy::ewma:
    return choose_fastest_of_two(usable, draw_, random);
  case config::balance_policy::ip_hash:
  case config::balance_policy::hash:
    if (wish.key == 0) break;
    return choose_by_hash(usable, wish.key, policy_ == config::balance_policy::hash);
  }
  return choose_of_two(usable, draw_, random);
}

bool balancer::keeps(server_index server, steady_time now) const {
  const auto rank = table_->backup(server) ? server_rank::backup : server_rank::primary;
  return candidates{.table = *table_, .now = now, .rank = rank}.eligible(server);
}

/// Whether so few servers are well that health says nothing any more (Envoy's panic threshold).
bool balancer::panics(steady_time now) const {
  std::uint32_t all = 0;
  std::uint32_t well = 0;
  for (server_index i = 0; i < table_->size(); ++i) {
    if (table_->gone(i)) continue;
    ++all;
    well += table_->health(i) == server_health::up && !table_->ejected(i, now);
  }
  return std::uint64_t{well} * 100 < std::uint64_t{all} * panic_percent_;
}

bool balancer::any_eligible(const candidates& round) const {
  for (server_index i = 0; i < table_->size(); ++i)
    if (round.eligible(i)) return true;
  return false;
}

bool balancer::any_unknown() const {
  for (server_index i = 0; i < table_->size(); ++i)
    if (!table_->gone(i) && table_->health(i) == server_health::unknown) return true;
  return false;
}

} // namespace weir::net
