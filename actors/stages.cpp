// Routing and limiting as messages.
#include "actors/stages.hpp"

#include "actors/background.hpp"
#include "actors/pool.hpp"
#include "net/access/auth_rule.hpp"
#include "net/proxy/auth_check.hpp"
#include "net/proxy/route_request.hpp"

namespace weir::actors {

limiter_actor::behavior_type limiter(limiter_actor::stateful_pointer<limiter_state> self,
                                     shard_front* front, cache_actor next) {
  return {[self, front, next](admit_atom, exchange_ptr& x) {
    if (x->cancelled) return;
    const bool admitted = front->limiter().admit(live(x), config::limit_count::all);
    if (admitted && x->route.kind == net::routing_kind::proxy)
      return self->send(next, lookup_atom::value, std::move(x));
    const auto connection = live(x).connection;
    self->send(connection, verdict_atom::value, std::move(x));
  }};
}

namespace {

/// The pool that stays with `upstream`: it is the very same, or differs in its addresses only.
std::optional<std::size_t> pool_of(const runtime_config_ptr& config,
                                   const std::shared_ptr<const net::runtime_upstream>& upstream) {
  if (!config) return std::nullopt;
  for (std::size_t i = 0; i < config->upstreams.size(); ++i)
    if (config->upstreams[i]->line == upstream->line) return i;
  return std::nullopt;
}

/// Pools of unchanged upstreams stay, with their connections; the others are retired.
void install(router_actor::stateful_pointer<router_state> self, const runtime_config_ptr& config) {
  auto& state = self->state;
  std::vector<pool_actor> pools;
  for (const auto& upstream : config->upstreams) {
    if (const auto same = pool_of(state.config, upstream)) {
      pools.push_back(std::exchange(state.pools[*same], nullptr));
      if (state.config->upstreams[*same] != upstream)
        self->send(pools.back(), follow_atom::value, upstream);
    } else {
      pools.push_back(spawn_pool(*state.front, upstream));
      state.front->supervise("pool", pools.back());
    }
  }
  for (const auto& old : state.pools) {
    if (old) self->send(old, retire_atom::value);
  }
  state.pools = std::move(pools);
  state.config = config;
  state.front->install(config);
}

/// The answer comes back to the router.
void ask_auth(router_actor::stateful_pointer<router_state> self, exchange_ptr x) {
  auto& front = *self->state.front;
  const auto& pool = self->state.pools[x->route.policy->auth->upstream];
  const auto tell = [router = front.router()](exchange_ptr decided) {
    caf::anon_send(router, auth_atom::value, std::move(decided));
  };
  spawn_background(front, pool, [&](net::background_host& host) {
    return std::make_unique<net::auth_check>(front.services(), host, std::move(x), tell);
  });
}

/// To the limiter, to the connection, or nowhere yet.
void pass_on(router_actor::stateful_pointer<router_state> self, const limiter_actor& next,
             net::routed where, exchange_ptr& x) {
  if (where == net::routed::waiting) return;
  if (where == net::routed::asking) return ask_auth(self, std::move(x));
  if (where == net::routed::proxy) live(x).next_pool = self->state.pools[x->route.upstream];
  if (where == net::routed::proxy || net::is_limited(*x))
    return self->send(next, admit_atom::value, std::move(x));
  const auto connection = live(x).connection;
  self->send(connection, verdict_atom::value, std::move(x));
}

} // namespace

router_actor::behavior_type router(router_actor::stateful_pointer<router_state> self,
                                   shard_front* front, limiter_actor next) {
  self->state.front = front;
  return {
      [self, next](route_atom, exchange_ptr& x) {
        if (x->cancelled) return;
        pass_on(self, next, net::route_request(self->state.front->services(), x), x);
      },
      [self, next](login_atom, exchange_ptr& x) {
        if (x->cancelled) return;
        pass_on(self, next, net::route_after_login(self->state.front->services(), x), x);
      },
      [self, next](auth_atom, exchange_ptr& x) {
        if (x->cancelled) return;
        pass_on(self, next, net::route_after_auth(self->state.front->services(), x), x);
      },
      [self](install_atom, const runtime_config_ptr& config) { install(self, config); },
  };
}

} // namespace weir::actors
