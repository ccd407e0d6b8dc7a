// Routing, waiting for passwords, and counting.
#include "net/proxy/route_request.hpp"

#include "net/proxy/login_desk.hpp"

#include <utility>

namespace weir::net {

namespace {

routed conclude(shard_services& shard, exchange& x) {
  if (x.route.kind == routing_kind::refuse)
    shard.metrics.refused[static_cast<std::size_t>(x.route.reason)].add();
  return conclude_routing(x);
}

} // namespace

routed route_request(shard_services& shard, const exchange_ptr& asked) {
  auto& x = *asked;
  if (refuse_banned(x, shard.bans.get(), shard.loop.now())) return routed::answer;
  x.config = shard.config;
  choose_route(x);
  x.series = &shard.routes.of(*x.config->sites, x.route);
  x.series->in_flight.add();
  if (!needs_login(x.route)) return conclude(shard, x);
  switch (shard.logins->ask(asked)) {
  case login_verdict::waiting:
    return routed::waiting;
  case login_verdict::admitted:
    name_user(x);
    break;
  case login_verdict::refused:
    break;
  }
  return conclude(shard, x);
}

routed route_after_login(shard_services& shard, const exchange_ptr& waited) {
  auto& x = *waited;
  if (x.user.empty()) return conclude(shard, x);
  if (x.config == shard.config) {
    name_user(x);
    return conclude(shard, x);
  }
  // Its upstreams may be gone. The password is known by now: it does not wait again.
  std::exchange(x.series, nullptr)->in_flight.sub();
  x.request_lines.clear();
  x.answer_lines.clear();
  x.user.clear();
  return route_request(shard, waited);
}

} // namespace weir::net
