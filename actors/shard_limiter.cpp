// Asking the limits of an exchange's route, one after another.
#include "actors/shard_limiter.hpp"

#include "base/hash.hpp"
#include "net/route/policy.hpp"

namespace weir::actors {

namespace {

/// What the refusals of a client are counted under.
constexpr std::uint64_t refusals_id = fnv1a64("refusals");

} // namespace

void shard_limiter::install(const net::site_table& sites) {
  const std::lock_guard lock(mutex_);
  for (const auto* each : all_limits(sites)) {
    auto& kept = by_name_[each->name];
    if (!kept) kept = std::make_unique<series>();
    by_id_[each->id] = kept.get();
  }
}

bool shard_limiter::admit(live_exchange& x, config::limit_count stage) {
  if (x.route.policy->rate_limits.empty()) return true;
  const auto limits = limits_asked(x, stage, keys_);
  const auto now = loop_.now().time_since_epoch();
  // Of several, all are asked before one is taken from.
  if (limits.size() > 1) {
    const auto refusal = foresee(node_.table(), limits, now);
    if (refusal.limit != nullptr) {
      refuse(x, refusal);
      return false;
    }
  }
  for (const auto& each : limits)
    if (!take(x, each, now)) return false;
  return true;
}

bool shard_limiter::take(live_exchange& x, const asked_limit& one, duration now) {
  const auto& limit = *one.limit;
  cluster::limit_place place;
  const auto made = node_.table().take(one.key, node_limits::terms_of(limit), now, place, [&] {
    return node_limits::label_of(keys_.text(limit, subject_of(x)));
  });
  if (made.admitted()) {
    if (limit.concurrency != 0) x.holds.add(node_.table(), place);
    count(limit, decision::allowed);
    return true;
  }
  if (limit.settings.dry_run) {
    x.limited = &limit;
    count(limit, decision::dry_run);
    return true;
  }
  refuse(x, {&limit, made});
  return false;
}

void shard_limiter::refuse(live_exchange& x, const limit_refusal& refusal) {
  refuse_by(x, refusal);
  const bool by_rate = refusal.why.outcome == cluster::limit_outcome::over_rate;
  count(*refusal.limit, by_rate ? decision::rate : decision::concurrency);
  count_refusal(x, *refusal.limit);
}

/// A bucket of refusals for each client: who empties it is banned. Told once, by the refusal that
/// took the last.
void shard_limiter::count_refusal(const live_exchange& x, const net::request_limit& limit) {
  const auto& bans = x.config->snapshot->values.bans;
  if (!bans.automatic || net::contains(bans.exempt, x.client_address.bytes())) return;
  const auto& rule = *bans.automatic;
  const cluster::limit_terms terms{duration(rule.within) / rule.after, rule.after, 0};
  const auto key = keys_.hash(refusals_id, x.client_address);
  cluster::limit_place place;
  const auto made = node_.table().take({key, 0}, terms, loop_.now().time_since_epoch(), place,
                                       [] { return cluster::limit_label{}; });
  if (made.admitted() && made.remaining == 0) on_ban_(x.client_address, rule, limit);
}

void shard_limiter::count(const net::request_limit& limit, decision made) {
  // The limits of every configuration that a living exchange may have were installed.
  by_id_.at(limit.id)->decisions[static_cast<std::size_t>(made)].add();
}

void shard_limiter::collect(metrics_writer& out) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, counted] : by_name_)
    for (std::size_t i = 0; i < decision_names.size(); ++i)
      out.counter("weir_ratelimit_decisions_total", "Requests that a rate limit decided about.",
                  {{"limit", name}, {"decision", decision_names[i]}}, counted->decisions[i]);
}

} // namespace weir::actors
