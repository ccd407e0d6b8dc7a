// Routing, waiting for passwords, and counting.
#include "net/proxy/route_request.hpp"

#include "net/proxy/guards.hpp"
#include "net/proxy/runtime_config.hpp"

#include <utility>

namespace weir::net {

namespace {

routed conclude(shard_services& shard, exchange& x) {
  if (x.route.kind == routing_kind::refuse)
    shard.metrics.refused[static_cast<std::size_t>(x.route.reason)].add();
  return conclude_routing(x);
}

routed go_on(shard_services& shard, exchange& x, guard_verdict verdict) {
  switch (verdict) {
  case guard_verdict::waiting:
    return routed::waiting;
  case guard_verdict::asking:
    x.times.asked = shard.loop.now();
    return routed::asking;
  case guard_verdict::pass:
  case guard_verdict::refused:
    break;
  }
  return conclude(shard, x);
}

/// Its upstreams may be gone. A password is known by now: it does not wait again.
routed route_again(shard_services& shard, const exchange_ptr& waited) {
  auto& x = *waited;
  std::exchange(x.series, nullptr)->in_flight.sub();
  x.request_lines.clear();
  x.answer_lines.clear();
  forget_guards(x);
  return route_request(shard, waited);
}

} // namespace

routed route_request(shard_services& shard, const exchange_ptr& asked) {
  auto& x = *asked;
  if (refuse_banned(x, shard.bans.get(), shard.loop.now())) return routed::answer;
  x.config = shard.config;
  choose_route(x);
  x.series = &shard.routes.of(*x.config->sites, x.route);
  x.series->in_flight.add();
  if (!needs_leave(x.route)) return conclude(shard, x);
  return go_on(shard, x, ask_guards(shard, asked));
}

routed route_after_login(shard_services& shard, const exchange_ptr& waited) {
  auto& x = *waited;
  if (x.user.empty()) return conclude(shard, x);
  if (x.config != shard.config) return route_again(shard, waited);
  return go_on(shard, x, after_password(x));
}

routed route_after_auth(shard_services& shard, const exchange_ptr& waited) {
  auto& x = *waited;
  if (x.config != shard.config) return route_again(shard, waited);
  return go_on(shard, x, after_auth(shard, x));
}

} // namespace weir::net
