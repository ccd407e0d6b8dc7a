// Actors that never leave their shard.
#pragma once

#include "actors/shard.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/infer_handle.hpp>
#include <caf/make_actor.hpp>
#include <caf/sec.hpp>
#include <caf/stateful_actor.hpp>

#include <exception>
#include <utility>

namespace weir::actors {

/// Pins any event-based actor to a shard: whoever sends to it, it runs there. Must be the outermost
/// of CAF's bases: `pinned<caf::event_based_actor>`, `pinned<caf::stateful_actor<S, Base>>`,
/// `pinned<a_typed_actor::base>`. Made by `spawn_on`. Its constructor runs on the spawning thread,
/// everything from make_behavior() to on_exit() on the shard's; sockets and timers of the loop
/// therefore begin and end in those two. A handler that throws is counted and ends the actor with
/// sec::runtime_error.
template <class Base>
class pinned : public Base {
public:
  template <class... Ts>
  pinned(caf::actor_config& config, shard& home, Ts&&... xs)
      : Base(config, std::forward<Ts>(xs)...), home_(home) {
    this->set_exception_handler(
        [this](caf::scheduled_actor*, std::exception_ptr& thrown) { return report(thrown); });
  }

  using Base::enqueue;
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) override {
    Base::enqueue(std::move(message), &home_);
  }

  bool cleanup(caf::error&& reason, caf::execution_unit* host) override {
    home_.forget(slot_, this->name(), reason);
    return Base::cleanup(std::move(reason), host);
  }

  shard& home() { return home_; }
  pinned_slot& slot() { return slot_; }

private:
  caf::error report(std::exception_ptr& thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& e) {
      home_.count_exception(this->name(), e.what());
    } catch (...) {
      home_.count_exception(this->name(), "unknown exception");
    }
    return caf::sec::runtime_error;
  }

  shard& home_;
  pinned_slot slot_;
};

/// Spawns a pinned actor with an actor_config that is already filled in.
template <class T, class... Ts>
caf::infer_handle_from_class_t<T> spawn_configured(shard& home, caf::actor_config& config,
                                                   Ts&&... xs) {
  auto& system = home.system();
  auto handle = caf::make_actor<T>(system.next_actor_id(), system.node(), &system, config, home,
                                   std::forward<Ts>(xs)...);
  auto* actor = static_cast<T*>(caf::actor_cast<caf::abstract_actor*>(handle));
  home.adopt(caf::actor_cast<caf::strong_actor_ptr>(handle), actor->slot());
  // Hidden: the shard, not the actor system, waits for its actors at the end.
  actor->launch(&home, false, true);
  return handle;
}

/// Spawns the class T, derived from `pinned<...>`, on a shard: `spawn_on<connection>(home,
/// args...)`. Any thread.
template <class T, class... Ts>
caf::infer_handle_from_class_t<T> spawn_on(shard& home, Ts&&... xs) {
  caf::actor_config config{&home.outside()};
  return spawn_configured<T>(home, config, std::forward<Ts>(xs)...);
}

/// Spawns an actor that is a function, as `system.spawn(function, args...)` would, but on a shard:
/// `spawn_on(home, router, args...)`. Any thread.
template <class F, class... Ts>
requires(!std::is_class_v<F>) auto spawn_on(shard& home, F function, Ts&&... xs) {
  using impl = caf::infer_impl_from_fun_t<F>;
  caf::actor_config config{&home.outside()};
  caf::detail::init_fun_factory<impl, F> make;
  config.init_fun = make(std::move(function), std::forward<Ts>(xs)...);
  return spawn_configured<pinned<impl>>(home, config);
}

} // namespace weir::actors
