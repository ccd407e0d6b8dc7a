// Handing actors to the watcher.
#include "actors/supervision.hpp"

#include "actors/signals.hpp"
#include "base/log.hpp"
#include "base/random.hpp"

namespace weir::actors {

supervision::supervision(caf::actor_system& system) {
  watcher_options options;
  options.counters = counters_;
  options.seed = seed_from_system();
  options.stop_node = [this](std::string_view why) {
    failed_ = true;
    log::event("node_stops", {{"reason", why}}, log::level::error);
    request_stop();
  };
  watcher_ = system.spawn(watcher, std::move(options));
}

supervision::~supervision() {
  retire();
}

void supervision::need(const std::string& name, const caf::strong_actor_ptr& actor) {
  auto what = std::make_shared<supervised>();
  what->name = name;
  // Weak: being watched must not keep an actor that has ended in memory.
  what->start = [weak = caf::actor_cast<caf::weak_actor_ptr>(actor)] {
    return caf::actor_cast<caf::strong_actor_ptr>(weak);
  };
  what->then = on_death::stop_node;
  caf::anon_send(watcher_, watch_atom::value, supervised_ptr(std::move(what)));
}

void supervision::keep(const std::string& name, std::function<caf::strong_actor_ptr()> start) {
  auto what = std::make_shared<supervised>();
  what->name = name;
  what->start = std::move(start);
  caf::anon_send(watcher_, watch_atom::value, supervised_ptr(std::move(what)));
}

void supervision::retire() {
  if (watcher_) caf::anon_send(watcher_, retire_atom::value);
  watcher_ = nullptr;
}

void supervision::collect(metrics_writer& out) const {
  out.counter("weir_actor_deaths_total", "Supervised actors that died.", {}, counters_->deaths);
  out.counter("weir_actor_restarts_total", "Supervised actors started again.", {},
              counters_->restarts);
}

} // namespace weir::actors
