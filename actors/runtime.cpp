// Threads: where they begin and where they are joined.
#include "actors/runtime.hpp"

#include <pthread.h>
#include <sched.h>

#include <caf/actor_registry.hpp>

#include <algorithm>
#include <csignal>
#include <string>
#include <utility>

namespace weir::actors {

namespace {

std::size_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return static_cast<std::size_t>(std::max(CPU_COUNT(&set), 1));
}

/// Blocks every signal while threads are made, so that they inherit it.
class signals_blocked {
public:
  signals_blocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

private:
  sigset_t before_{};
};

} // namespace

runtime::runtime() {
  const signals_blocked blocked;
  system_ = std::make_unique<caf::actor_system>(config_);
  // Whoever stops the node waits for `plain_actors_ended` with a deadline; the destructor must not
  // wait without one for an actor that somebody forgot.
  system_->await_actors_before_shutdown(false);
}

result<std::unique_ptr<runtime>> runtime::create(std::size_t shards) {
  std::unique_ptr<runtime> made(new runtime);
  for (std::size_t i = 0; i < (shards == 0 ? usable_cores() : shards); ++i) {
    auto each = shard::create(*made->system_, i);
    if (!each) return each.error();
    made->shards_.push_back(std::move(*each));
  }
  return made;
}

runtime::~runtime() {
  stop();
  // The system goes first: its last actors may still hold handles to pinned ones, and a shard
  // outlives every handle.
  system_.reset();
}

void runtime::start() {
  const signals_blocked blocked;
  for (auto& each : shards_) {
    threads_.emplace_back([&home = *each] { home.run(); });
    const auto name = "weir-shard-" + std::to_string(each->index());
    pthread_setname_np(threads_.back().native_handle(), name.c_str());
  }
}

void runtime::stop() {
  if (std::exchange(stopped_, true)) return;
  for (auto& each : shards_)
    each->stop();
  // Never started: the actors' ends run here.
  if (threads_.empty())
    for (auto& each : shards_)
      each->run();
  for (auto& each : threads_)
    each.join();
  threads_.clear();
}

bool runtime::plain_actors_ended() const {
  return system_->registry().running() == 0;
}

} // namespace weir::actors
