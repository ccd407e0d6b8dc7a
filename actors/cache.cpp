// Messages to the cache stage, and its wishes as messages.
#include "actors/cache.hpp"

#include "net/proxy/runtime_config.hpp"

#include <utility>

namespace weir::actors {

// -- the stage

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
  if (front_.backgrounds >= background::most) return false;
  const auto& pool = static_cast<const live_exchange&>(origin).next_pool;
  spawn_on<background>(home(), front_, pool, origin, std::move(made));
  return true;
}

// -- fetches behind an answer

background::background(caf::actor_config& config, shard& home, shard_front& front, pool_actor pool,
                       const net::exchange& origin, std::unique_ptr<net::cached_exchange> made)
    : pinned<connection_actor::base>(config, home), front_(front), pool_(std::move(pool)),
      fetch_(front.services(), *this, origin, std::move(made)) {
  ++front_.backgrounds;
}

background::behavior_type background::make_behavior() {
  fetch_.start();
  return {
      [this](verdict_atom, exchange_ptr& x) { fetch_.resume(*x); },
      [this](advance_atom) {
        continuing_ = false;
        fetch_.advance();
      },
      [](drain_atom) {}, // it ends by itself
      [this](close_atom) { quit(); },
  };
}

void background::on_exit() {
  fetch_.kill();
  --front_.backgrounds;
}

void background::lease(exchange_ptr x) {
  live(x).connection = this;
  live(x).next_pool = pool_;
  send(pool_, lease_atom::value, std::move(x));
}

void background::continue_soon() {
  if (!std::exchange(continuing_, true))
    home().later(ctrl(), caf::make_message(advance_atom::value));
}

void background::ended() {
  send(this, close_atom::value);
}

} // namespace weir::actors
