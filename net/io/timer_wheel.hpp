// One coarse timer wheel per shard: thousands of deadlines without a system call each (Varghese and Lauck, 1987).
#pragma once

#include "base/clock.hpp"

namespace weir::net {

class timer;
class timer_wheel;

/// Whoever owns a timer. Called on the loop's thread, at most one tick (10 ms) late; the timer is disarmed by then.
class timer_target {
public:
  virtual void on_timer(timer& which) = 0;

protected:
  ~timer_target() = default;
};

/// One deadline, linked into the wheel while armed. Moving a deadline to a later time only stores it (the wheel looks again when the
/// old one comes), so re-arming on every request costs nothing. Disarms itself when destroyed. Not movable.
class timer {
public:
  explicit timer(timer_target& target) : target_(target) {}
  ~timer() { cancel(); }
  timer(const timer&) = delete;
  timer& operator=(const timer&) = delete;

  /// Arms, or moves, the timer.
  void expires_at(timer_wheel& wheel, steady_time deadline);
  void cancel();
  bool armed() const { return armed_; }
  steady_time deadline() const { return deadline_; }

private:
  friend class timer_wheel;
  timer_target& target_;
  steady_time deadline_{};
  timer* next_ = nullptr;
  timer** link_ = nullptr; // what points at us while linked into a slot
  bool armed_ = false;
};

} // namespace weir::net
