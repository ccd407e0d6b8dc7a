// Monitors, back-off and the decision to stop.
#include "actors/watcher.hpp"

#include "base/log.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <exception>
#include <utility>

namespace weir::actors {

namespace {

bool is_normal(const caf::error& reason) {
  return !reason || reason == caf::exit_reason::normal || reason == caf::exit_reason::user_shutdown;
}

} // namespace

watcher_state::watcher_state(watcher_actor::pointer pointer) : self(pointer) {}

void watcher_state::start(std::uint32_t index) {
  auto& each = children[index];
  each.started = self->clock().now();
  std::string why = "could not be started";
  try {
    each.actor = each.what->start();
  } catch (const std::exception& e) {
    why = e.what();
  }
  if (each.actor)
    self->monitor(each.actor);
  else
    died(index, why);
}

void watcher_state::gone(const caf::down_msg& down) {
  for (std::uint32_t i = 0; i < children.size(); ++i) {
    auto& each = children[i];
    if (!each.actor || down.source != each.actor) continue;
    each.actor = nullptr;
    if (!retiring && !is_normal(down.reason)) died(i, self->system().render(down.reason));
  }
}

void watcher_state::died(std::uint32_t index, const std::string& why) {
  auto& each = children[index];
  options.counters->deaths.add();
  const auto wait = each.policy.failed(each.started, self->clock().now(), random);
  const bool restart = each.what->then == on_death::restart && wait;
  log::event(
      "actor_died",
      {{"actor", each.what->name}, {"reason", why}, {"then", restart ? "restart" : "stop_node"}},
      log::level::error);
  if (restart) {
    self->delayed_send(self, *wait, restart_atom::value, index);
  } else {
    options.counters->node_stops.add();
    if (options.stop_node) options.stop_node("actor " + each.what->name + " died: " + why);
  }
}

void watcher_state::retire() {
  retiring = true;
  for (auto each = children.rbegin(); each != children.rend(); ++each)
    if (each->actor) self->send_exit(each->actor, caf::exit_reason::user_shutdown);
  children.clear();
  self->quit();
}

watcher_actor::behavior_type watcher(watcher_actor::stateful_pointer<watcher_state> self,
                                     watcher_options options) {
  self->state.random = random_source(options.seed);
  self->state.options = std::move(options);
  self->set_down_handler([self](caf::down_msg& down) { self->state.gone(down); });
  return {
      [self](watch_atom, const supervised_ptr& what) {
        auto& state = self->state;
        if (state.retiring) return;
        state.children.push_back({what, backoff(what->backoff), nullptr, {}});
        state.start(static_cast<std::uint32_t>(state.children.size() - 1));
      },
      [self](retire_atom) { self->state.retire(); },
      [self](restart_atom, std::uint32_t index) {
        auto& state = self->state;
        if (state.retiring || index >= state.children.size()) return;
        state.options.counters->restarts.add();
        state.start(index);
      },
  };
}

} // namespace weir::actors
