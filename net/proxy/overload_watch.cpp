// Readings into the machine, its verdict into the shard.
#include "net/proxy/overload_watch.hpp"

#include "base/log.hpp"

#include <chrono>

namespace weir::net {

void overload_watch::start() {
  timer_.expires_at(shard_.loop.timers(), shard_.loop.now() + every);
}

void overload_watch::on_timer(timer&) {
  const auto now = shard_.loop.now();
  load_readings read;
  // The wheel's tick is no lateness.
  read.lag = std::max(now - timer_.deadline() - timer_wheel::tick, duration{});
  read.descriptors = load_.descriptors();
  read.descriptors_max = load_.descriptors_max();
  read.memory_bytes = load_.memory_bytes();
  read.memory_bytes_max = load_.memory_bytes_max();
  const auto before = shard_.shedding;
  shard_.shedding = state_.update(read, now);
  if (before != shard_.shedding)
    log::event(
        shard_.shedding == overload_reason::none ? "overload_ends" : "overload_begins",
        {{"reason", name_of(shard_.shedding == overload_reason::none ? before : shard_.shedding)},
         {"lag_ms", std::chrono::duration_cast<std::chrono::milliseconds>(read.lag).count()},
         {"descriptors", read.descriptors},
         {"memory_bytes", read.memory_bytes}},
        log::level::warning);
  start();
}

} // namespace weir::net
