// Second attempts: when, where to, and what their end says about the servers.
#include "net/proxy/upstream_pool.hpp"

namespace weir::net {

steady_time upstream_pool::hedge_time(const exchange& x) {
  constexpr auto never = steady_time::max();
  const auto& settings = upstream_->settings;
  if (x.patient || x.attempt >= settings.retries.attempts || !is_hedgeable(x.request)) return never;
  // Who belongs to a server may have a session there, and nowhere else.
  if (upstream_->sticky && !x.new_cookie) return never;
  if (upstream_->servers->size() < 2) return never;
  const auto now = shard_.loop.now();
  const auto delay = hedge_->delay(now);
  return delay ? now + *delay : never;
}

std::optional<second_place> upstream_pool::hedge(exchange& x) {
  if (host_ == nullptr) return std::nullopt;
  server_slot slot;
  const auto reason = find_second(x, slot);
  metrics_.hedges[static_cast<std::size_t>(reason)].add();
  if (reason != hedge_reason::sent) return std::nullopt;
  take_retry_permit(x);
  ++x.attempt;
  x.tried.push_back(x.lease->server());
  x.hedge = hedge_state::sent;
  metrics_.leased.add();
  auto kept = take_kept(x, slot.server());
  (kept ? metrics_.reused : metrics_.connects).add();
  return second_place{upstream_, std::move(slot), std::move(kept)};
}

/// `slot` is set when and only when the second attempt is to be sent.
hedge_reason upstream_pool::find_second(const exchange& x, server_slot& slot) {
  const auto& breakers = *upstream_->servers->breakers();
  const auto requests_max = upstream_->settings.max_requests;
  hedge_case now_so;
  now_so.circuit_open =
      retries_open(x) || (requests_max > 0 && breakers.taken(breaker::requests) >= requests_max);
  now_so.others_wait = breakers.taken(breaker::pending) > 0;
  if (const auto against = hedge_->judge(now_so); against != hedge_reason::sent) return against;
  auto avoided = x.tried;
  avoided.push_back(x.lease->server());
  const server_wish wish{.tried = avoided, .key = x.balance_key};
  const auto now = shard_.loop.now();
  auto found = balancer_.acquire_another(now, shard_.random, wish);
  if (!found) return hedge_reason::no_server;
  const auto paid = hedge_->pay(budget_, now);
  if (paid == hedge_reason::sent) slot = std::move(*found);
  return paid;
}

void upstream_pool::adopt(exchange& x, std::unique_ptr<upstream_connection> second,
                          steady_time dialled, steady_time leased) {
  if (x.lease) {
    const auto waited = shard_.loop.now() - x.times.leased;
    count_first_byte(x, waited);
    count_wait(x.lease->server(), waited);
    drop(x);
  }
  x.server_name = by_server_[second->server()]->name;
  x.lease = std::move(second);
  x.times.dialled = dialled;
  x.times.leased = leased;
  x.hedge = hedge_state::won;
  metrics_.hedges_won.add();
}

void upstream_pool::end_hedge(server_index server, std::optional<failure_kind> failed,
                              duration took) {
  metrics_.leased.sub();
  if (!failed) return count_wait(server, took);
  if (*failed == failure_kind::connect) return count_connect_failure(server);
  count_failure_of(server, *failed, took);
}

void upstream_pool::leave_to_second(exchange& x, failure_kind kind, bool answer_begun) {
  if (!is_stale_connection(kind, x.lease->reused, answer_begun)) count_failure(x, kind);
  drop(x);
}

retry_decision upstream_pool::give_up_second(exchange& x, server_index server,
                                             failed_attempt attempt) {
  return decide_for(x, attempt, server);
}

/// What first attempts take, also when a second one made an end of them: else the slow ones would
/// be forgotten, and more and more would count as slow.
void upstream_pool::count_first_byte(const exchange& x, duration took) {
  if (x.hedge != hedge_state::won && is_hedgeable(x.request))
    hedge_->count_wait(took, shard_.loop.now());
}

/// Who was given up for a quicker one has not failed; but it has not been quick either.
void upstream_pool::count_wait(server_index server, duration waited) {
  if (upstream_->settings.balance == config::balance_policy::ewma)
    upstream_->servers->count_wait(server, waited, shard_.loop.now());
}

} // namespace weir::net
