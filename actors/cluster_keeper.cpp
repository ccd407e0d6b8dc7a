// The membership machine on CAF's clock, with peer links for hands.
#include "actors/cluster_keeper.hpp"

#include "base/log.hpp"
#include "cluster/errc.hpp"

#include <caf/send.hpp>

#include <utility>

namespace weir::actors {

namespace {

using cluster::errc;
using cluster::member_state;

/// Rates and ages change without anyone's state changing.
constexpr duration publish_every = 200ms;
constexpr duration drain_patience = 3s;
constexpr std::size_t drains_max = 64;

log::level severity_of(const cluster::transition& change) {
  const bool good = change.to != member_state::suspect && change.to != member_state::down;
  return good || change.why == cluster::doubt::stopped ? log::level::info : log::level::warning;
}

} // namespace

void cluster_keeper_state::begin(cluster_keeper_options given, steady_time now) {
  options = std::move(given);
  draining = options.drained;
  machine = std::make_unique<cluster::membership>(options.self, options.incarnation,
                                                  options.source->current(),
                                                  cluster::detector_settings{}, options.seed, now);
  tick(now);
}

void cluster_keeper_state::tick(steady_time now) {
  if (const auto list = options.source->current(); list->epoch != machine->epoch())
    step(cluster::members_changed{list}, now);
  step(cluster::tick{facts()}, now);
  for (auto it = drains_.begin(); it != drains_.end();) {
    const auto next = std::next(it);
    if (now >= it->second.deadline) finish_drain(it->first, errc::timed_out);
    it = next;
  }
  if (now >= next_publish_) publish(now);
}

void cluster_keeper_state::step(const cluster::member_event& event, steady_time now) {
  const auto done = machine->step(event, now);
  for (const auto& message : done.send)
    send(message.to, message.body);
  for (const auto& change : done.transitions) {
    if (change.to == member_state::suspect) ++options.board->suspected;
    if (change.to == member_state::down) ++options.board->went_down;
    log::event("member_state_changed",
               {{"member", change.member},
                {"from", cluster::to_string(change.from)},
                {"to", cluster::to_string(change.to)},
                {"reason", cluster::to_string(change.why)}},
               severity_of(change));
  }
  if (done.view_changed) publish(now);
}

void cluster_keeper_state::receive(const net::peer_message& message, steady_time now) {
  auto decoded = cluster::decode(message.bytes);
  if (!decoded) {
    // A later version's message is no offence; anything else is a bug of ours or of the peer's.
    if (decoded.error() != errc::unknown_type) ++options.board->undecodable;
    return;
  }
  if (const auto* request = std::get_if<cluster::drain_request>(&decoded->body))
    return answer_drain(message.peer, *request);
  if (const auto* reply = std::get_if<cluster::drain_reply>(&decoded->body))
    return finish_drain(reply->number, reply->done ? error_code{} : errc::refused);
  step(cluster::message_received{message.peer, message.incarnation, std::move(decoded->body)}, now);
}

void cluster_keeper_state::drain(const drain_order& order, steady_time now) {
  if (order.node == options.name) {
    const auto failed = drain_self(order.drain);
    step(cluster::tick{facts()}, now);
    return order.then(failed);
  }
  const auto view = machine->view(now);
  const auto* member = view.find(order.node);
  if (!member) return order.then(errc::unknown_member);
  if (!member->linked) return order.then(errc::not_linked);
  if (drains_.size() >= drains_max) return order.then(errc::busy);
  drains_[++last_drain_] = {order.then, now + drain_patience};
  send(member->id, cluster::drain_request{last_drain_, order.drain});
}

void cluster_keeper_state::leave(steady_time now) {
  for (const auto& message : machine->farewell(now))
    send(message.to, message.body);
  for (const auto& [number, waiting] : std::exchange(drains_, {}))
    waiting.then(errc::timed_out);
  options.on_left();
}

void cluster_keeper_state::send(const node_id& peer, const cluster::message& body) {
  if (!options.send(peer, cluster::encode(body, machine->epoch()))) ++options.board->unsendable;
}

void cluster_keeper_state::publish(steady_time now) {
  next_publish_ = now + publish_every;
  options.board->view = std::make_shared<const cluster::member_view>(machine->view(now));
  options.board->late_ticks = machine->counters().late_ticks;
  options.board->refutations = machine->counters().refutations;
}

cluster::local_facts cluster_keeper_state::facts() const {
  auto out = options.facts();
  if (draining && out.state == cluster::condition::ready) out.state = cluster::condition::draining;
  return out;
}

error_code cluster_keeper_state::drain_self(bool on) {
  if (const auto failed = options.remember_drained(on)) return failed;
  if (on == draining) return {};
  draining = on;
  log::event(on ? "node_draining" : "node_undrained");
  options.on_drain(on);
  return {};
}

void cluster_keeper_state::answer_drain(const node_id& peer,
                                        const cluster::drain_request& request) {
  const auto failed = drain_self(request.drain);
  send(peer, cluster::drain_reply{request.number, !failed});
}

void cluster_keeper_state::finish_drain(std::uint64_t number, error_code outcome) {
  if (auto waiting = drains_.extract(number)) waiting.mapped().then(outcome);
}

cluster_keeper_actor::behavior_type
cluster_keeper(cluster_keeper_actor::stateful_pointer<cluster_keeper_state> self,
               cluster_keeper_options options) {
  self->state.begin(std::move(options), self->clock().now());
  self->delayed_send(self, cluster::membership::tick_every, cluster_tick_atom::value);
  return {
      [self](const link_change_ptr& change) {
        const auto now = self->clock().now();
        if (change->up)
          self->state.step(cluster::link_opened{change->peer, change->incarnation}, now);
        else
          self->state.step(cluster::link_closed{change->peer, change->incarnation}, now);
      },
      [self](const net::peer_message_ptr& message) {
        self->state.receive(*message, self->clock().now());
      },
      [self](cluster_drain_atom, const drain_order_ptr& order) {
        self->state.drain(*order, self->clock().now());
      },
      [self](cluster_leave_atom) {
        self->state.leave(self->clock().now());
        self->quit();
      },
      [self](cluster_tick_atom) {
        self->delayed_send(self, cluster::membership::tick_every, cluster_tick_atom::value);
        self->state.tick(self->clock().now());
      },
  };
}

} // namespace weir::actors
