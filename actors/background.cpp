// Messages to a fetch, and its wishes as messages.
#include "actors/background.hpp"

#include <utility>

namespace weir::actors {

background::background(caf::actor_config& config, shard& home, pool_actor pool, const maker& make)
    : pinned<connection_actor::base>(config, home), pool_(std::move(pool)), fetch_(make(*this)) {}

background::behavior_type background::make_behavior() {
  fetch_->start();
  return {
      [this](verdict_atom, exchange_ptr& x) { fetch_->resume(*x); },
      [this](advance_atom) {
        continuing_ = false;
        fetch_->advance();
      },
      [](drain_atom) {}, // it ends by itself
      [this](close_atom) { quit(); },
  };
}

void background::on_exit() {
  fetch_->kill();
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

void spawn_background(shard_front& front, const pool_actor& pool, const background::maker& make) {
  spawn_on<background>(front.home(), pool, make);
}

} // namespace weir::actors
