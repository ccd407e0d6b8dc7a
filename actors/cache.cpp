// Messages to the cache stage, and its wishes as messages.
#include "actors/cache.hpp"

#include "actors/background.hpp"
#include "net/proxy/cache_refresh.hpp"
#include "net/proxy/runtime_config.hpp"

#include <utility>

namespace weir::actors {

cache::cache(caf::actor_config& config, shard& home, shard_front& front)
    : pinned<cache_actor::base>(config, home), front_(front) {}

cache::behavior_type cache::make_behavior() {
  front_.cache().set_host(this);
  return {[this](lookup_atom, exchange_ptr& x) {
    if (x->cancelled) return;
    if (x->route.policy->cache == nullptr) return fetch(std::move(x));
    front_.cache().lookup(std::move(x));
  }};
}

void cache::on_exit() {
  front_.cache().set_host(nullptr);
}

void cache::answer(exchange_ptr x) {
  const auto connection = live(x).connection;
  send(connection, verdict_atom::value, std::move(x));
}

void cache::fetch(exchange_ptr x) {
  const auto pool = live(x).next_pool;
  send(pool, lease_atom::value, std::move(x));
}

bool cache::fetch_behind(const net::exchange& origin, std::unique_ptr<net::cached_exchange> made) {
  if (front_.refreshes >= refreshes_max) return false;
  const auto& pool = static_cast<const live_exchange&>(origin).next_pool;
  spawn_background(front_, pool, [&](net::background_host& host) {
    return std::make_unique<net::cache_refresh>(front_.services(), host, origin, std::move(made),
                                                front_.refreshes);
  });
  return true;
}

} // namespace weir::actors
