// Messages to the session, and the session's wishes as messages.
#include "actors/connection.hpp"

#include <utility>

namespace weir::actors {

connection::connection(caf::actor_config& config, shard& home, shard_front& front,
                       std::unique_ptr<net::stream> io, const net::client_facts& client)
    : pinned<connection_actor::base>(config, home), front_(front), client_(client),
      session_(front.services(), std::move(io), client, *this) {}

connection::behavior_type connection::make_behavior() {
  front_.add_connection(this);
  session_.start();
  return {
      [this](verdict_atom, exchange_ptr& x) { session_.resume(*x); },
      [this](advance_atom) {
        continuing_ = false;
        session_.advance();
      },
      [this](drain_atom) { session_.drain(); },
      [this](close_atom) {
        session_.kill();
        quit();
      },
  };
}

void connection::on_exit() {
  session_.kill();
  front_.remove_connection(this, client_);
}

void connection::submit(exchange_ptr x) {
  live(x).connection = this;
  send(front_.router(), route_atom::value, std::move(x));
}

void connection::retry(exchange_ptr x) {
  const auto pool = live(x).next_pool;
  send(pool, lease_atom::value, std::move(x));
}

void connection::continue_soon() {
  if (!std::exchange(continuing_, true))
    home().later(ctrl(), caf::make_message(advance_atom::value));
}

void connection::ended() {
  send(this, close_atom::value);
}

} // namespace weir::actors
