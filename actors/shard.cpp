// The run queue between the loop's batches, and the list of the actors that live here.
#include "actors/shard.hpp"

#include "base/log.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <caf/send.hpp>

#include <exception>
#include <utility>

namespace weir::actors {

namespace {

bool is_failure(const caf::error& reason) {
  return reason && reason != caf::exit_reason::normal &&
         reason != caf::exit_reason::user_shutdown && reason != caf::exit_reason::kill;
}

void kill(const caf::strong_actor_ptr& actor) {
  caf::anon_send_exit(actor, caf::exit_reason::kill);
}

} // namespace

result<std::unique_ptr<shard>> shard::create(caf::actor_system& system, std::size_t index) {
  auto loop = net::event_loop::create();
  if (!loop) return loop.error();
  return std::unique_ptr<shard>(new shard(system, index, std::move(*loop)));
}

shard::shard(caf::actor_system& system, std::size_t index, std::unique_ptr<net::event_loop> loop)
    : execution_unit(&system), index_(index), loop_(std::move(loop)), outside_(&system) {
  loop_->set_batch_hook([this] { return run_actors(); });
  loop_->set_exception_hook([this](const char* what) {
    log::event("handler_threw", {{"shard", index_}, {"what", what}}, log::level::error);
  });
}

shard::~shard() {
  finish();
}

std::size_t shard::actor_count() const {
  const std::lock_guard lock(residents_mutex_);
  return residents_.size();
}

void shard::run() {
  loop_->run();
  finish();
}

void shard::stop() {
  loop_->post([this] { kill_all(); });
}

void shard::exec_later(caf::resumable* job) {
  if (loop_->on_loop_thread())
    ready_.push_back(job);
  else
    inject(job);
}

void shard::outside_unit::exec_later(caf::resumable* job) {
  system().scheduler().enqueue(job);
}

// -- the run queue --------------------------------------------------------------------------------

bool shard::run_actors() {
  if (has_inbox_.load(std::memory_order_acquire)) take_inbox();
  run_rounds();
  run_later();
  return !ready_.empty() || !later_.empty();
}

void shard::run_rounds() {
  for (std::size_t round = 0; round < rounds_per_batch && !ready_.empty(); ++round) {
    batch_.swap(ready_);
    for (auto* job : batch_)
      resume(job);
    batch_.clear();
  }
}

void shard::later(caf::strong_actor_ptr to, caf::message what) {
  later_.push_back({std::move(to), std::move(what)});
}

/// Hundreds of long answers would otherwise keep the shard from its sockets for as long as they
/// find room for more. Who asks again has its turn in the next batch.
void shard::run_later() {
  if (later_.empty()) return;
  const auto end = std::chrono::steady_clock::now() + later_per_batch;
  for (auto left = later_.size(); left > 0; --left) {
    auto next = std::move(later_.front());
    later_.pop_front();
    next.to->enqueue(nullptr, caf::make_message_id(), std::move(next.what), this);
    run_rounds();
    if (std::chrono::steady_clock::now() >= end) return;
  }
}

void shard::resume(caf::resumable* job) {
  counters_.resumes.add();
  auto outcome = caf::resumable::done;
  try {
    outcome = job->resume(&outside_, messages_per_turn);
  } catch (const std::exception& e) {
    // CAF catches what handlers throw; this came from an actor's exit or destructor.
    count_exception("exiting actor", e.what());
  } catch (...) {
    count_exception("exiting actor", "unknown exception");
  }
  if (outcome == caf::resumable::resume_later)
    ready_.push_back(job);
  else
    caf::intrusive_ptr_release(job);
}

void shard::inject(caf::resumable* job) {
  {
    const std::lock_guard lock(inbox_mutex_);
    if (!closed_) {
      inbox_.push_back(job);
      has_inbox_.store(true, std::memory_order_release);
      if (inbox_.size() == 1) loop_->wake();
      return;
    }
  }
  caf::intrusive_ptr_release(job);
}

void shard::take_inbox() {
  const std::lock_guard lock(inbox_mutex_);
  ready_.insert(ready_.end(), inbox_.begin(), inbox_.end());
  inbox_.clear();
  has_inbox_.store(false, std::memory_order_release);
}

// -- the actors that live here --------------------------------------------------------------------

void shard::adopt(caf::strong_actor_ptr actor, pinned_slot& slot) {
  bool too_late = false;
  {
    const std::lock_guard lock(residents_mutex_);
    // Nobody would let it go again: it never runs and ends with its last handle.
    if (ended_) return;
    counters_.spawned.add();
    slot.index = residents_.size();
    residents_.push_back({actor, &slot});
    too_late = stopping_;
  }
  if (too_late) kill(actor);
}

void shard::forget(pinned_slot& slot, const char* name, const caf::error& reason) {
  caf::strong_actor_ptr released; // after the lock: the last reference may destroy the actor
  bool last = false;
  {
    const std::lock_guard lock(residents_mutex_);
    if (slot.index == pinned_slot::none) return;
    auto& place = residents_[std::exchange(slot.index, pinned_slot::none)];
    released = std::move(place.actor);
    if (&place != &residents_.back()) {
      place = std::move(residents_.back());
      place.slot->index = static_cast<std::size_t>(&place - residents_.data());
    }
    residents_.pop_back();
    last = stopping_ && residents_.empty();
  }
  counters_.exited.add();
  if (is_failure(reason)) {
    counters_.failed.add();
    log::event("actor_failed",
               {{"actor", name}, {"shard", index_}, {"reason", system().render(reason)}},
               log::level::error);
  }
  if (last) loop_->stop();
}

void shard::count_exception(const char* name, const std::string& what) {
  counters_.exceptions.add();
  log::event("actor_threw", {{"actor", name}, {"shard", index_}, {"what", what}},
             log::level::error);
}

void shard::kill_all() {
  std::vector<caf::strong_actor_ptr> doomed;
  {
    const std::lock_guard lock(residents_mutex_);
    stopping_ = true;
    for (const auto& each : residents_)
      doomed.push_back(each.actor);
  }
  if (doomed.empty()) return loop_->stop();
  for (const auto& actor : doomed)
    kill(actor);
  stop_deadline_.expires_at(loop_->timers(), loop_->now() + stop_limit);
}

void shard::stop_timer::on_timer(net::timer&) {
  log::event("shard_stop_forced", {{"shard", home.index_}, {"actors", home.actor_count()}},
             log::level::warning);
  home.loop_->stop();
}

void shard::finish() {
  // Exits send messages, and those may reach actors that still live: a few more turns, not for
  // ever.
  constexpr std::size_t turns_max = 1000;
  for (std::size_t turn = 0; turn < turns_max; ++turn) {
    take_inbox();
    if (ready_.empty()) break;
    run_actors();
  }
  later_.clear();
  std::vector<caf::resumable*> dropped;
  {
    const std::lock_guard lock(inbox_mutex_);
    closed_ = true;
    dropped.swap(inbox_);
  }
  dropped.insert(dropped.end(), ready_.begin(), ready_.end());
  ready_.clear();
  for (auto* job : dropped)
    caf::intrusive_ptr_release(job);
  std::vector<resident> left;
  {
    const std::lock_guard lock(residents_mutex_);
    ended_ = true;
    left.swap(residents_);
    for (auto& each : left)
      each.slot->index = pinned_slot::none;
  }
}

} // namespace weir::actors
