// One coarse timer wheel per shard: thousands of deadlines without a system call each (Varghese
// and Lauck, 1987).
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace weir::net {

class timer;
class timer_wheel;

/// Whoever owns a timer. Called on the loop's thread, at most one tick (10 ms) late; the timer is
/// disarmed by then.
class timer_target {
public:
  virtual void on_timer(timer& which) = 0;

protected:
  ~timer_target() = default;
};

/// One deadline, linked into the wheel while armed. Moving a deadline to a later time only stores
/// it (the wheel looks again when the old one comes), so re-arming on every request costs nothing.
/// Disarms itself when destroyed. Not movable.
class timer {
public:
  explicit timer(timer_target& target) : target_(target) {}
  ~timer() { cancel(); }
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;

  /// Arms, or moves, the timer. A deadline that has passed fires at the next tick, never at once.
  void expires_at(timer_wheel& wheel, steady_time deadline);
  void cancel();
  bool armed() const { return link_ != nullptr; }
  steady_time deadline() const { return deadline_; }

private:
  friend class timer_wheel;
  timer_target& target_;
  steady_time deadline_{};
  steady_time look_at_{}; // start of the slot it is linked into: never after the deadline's tick
  timer* next_ = nullptr;
  timer** link_ = nullptr; // what points at us while linked into a slot
};

/// The deadlines of one loop, in 4096 slots of 10 ms. A timer further away than the wheel reaches
/// (41 s) waits in the last slot and is looked at again when that comes. Lives on one thread.
class timer_wheel {
public:
  static constexpr duration tick = std::chrono::milliseconds(10);

  explicit timer_wheel(steady_time start) : start_(start) {}
  /// Timers that outlive the wheel are disarmed.
  ~timer_wheel();
  timer_wheel(const timer_wheel&) = delete;
  timer_wheel& operator=(const timer_wheel&) = delete;

  /// Fires every timer whose deadline's tick has come. A target may arm, cancel and destroy any
  /// timer meanwhile; what it arms does not fire before the next call. When a target throws, the
  /// others fire at the next tick and the exception goes on to the caller.
  void advance(steady_time now);
  /// When `advance` next has something to look at: not later than the earliest deadline's tick;
  /// earlier when timers were cancelled or moved. Empty: nothing is armed.
  std::optional<steady_time> next_deadline() const;

private:
  friend class timer;
  static constexpr std::size_t slot_count = 4096;
  static constexpr std::size_t word_bits = 64;
  static constexpr std::size_t word_count = slot_count / word_bits;

  void fire(timer*& due);
  void insert(timer& which);
  void reinsert(timer& which);
  timer** take_slot(std::size_t slot, timer** tail);
  std::int64_t tick_after(steady_time when) const;
  std::optional<std::int64_t> next_tick() const;
  std::optional<std::size_t> first_used(std::size_t from) const;

  steady_time start_;
  std::int64_t tick_ = 0; // the last tick that was looked at
  std::array<timer*, slot_count> slots_{};
  std::array<std::uint64_t, word_count>
      used_{};                   // a bit per slot; stays set until the slot is visited
  std::uint64_t used_words_ = 0; // a bit per word of used_
};

} // namespace weir::net
