// The edge-triggered epoll loop under a shard: sockets, timers and posted work of one thread.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/io/timer_wheel.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

struct epoll_event;

namespace weir::net {

/// What became possible on a descriptor since it was last told.
struct io_events {
  bool readable = false;
  bool writable = false;
  bool hangup = false; // the peer closed its side or the socket failed: read to learn which
};

/// Whoever wants to hear about a descriptor. Called on the loop's thread only.
class io_handler {
public:
  virtual void on_io(io_events events) = 0;

protected:
  ~io_handler() = default;
};

/// One thread's loop. `run()` waits for events, calls handlers, runs posted work and the idle hook (the shard's actors),
/// then due timers, and waits again. Everything but `post()` and `stop()` belongs to the loop's thread.
class event_loop {
public:
  /// Runs queued actors after each batch of events; returns true when more work is ready, so the loop does not sleep.
  using batch_hook = std::function<bool()>;

  static result<std::unique_ptr<event_loop>> create();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// Watches `fd`, edge-triggered, for reading, writing and hang-up at once. The handler must outlive `unwatch`.
  error_code watch(int fd, io_handler& handler);
  /// Like `watch`, but level-triggered and for reading only: listening sockets.
  error_code watch_listener(int fd, io_handler& handler);
  /// Forgets `fd`; events of this handler that are already in the current batch are dropped too. Call before close().
  void unwatch(int fd, io_handler& handler);

  /// Time at the start of the current batch: good to a millisecond or so, free to read.
  steady_time now() const { return now_; }
  timer_wheel& timers() { return timers_; }

  /// Runs `work` on the loop's thread, soon. Thread-safe. Dropped (destroyed unrun) once the loop has stopped.
  void post(std::function<void()> work);
  void set_batch_hook(batch_hook hook) { hook_ = std::move(hook); }

  void run();
  /// Ends `run()` after the current batch. Thread-safe.
  void stop();
  /// Whether the caller is on the thread inside `run()`.
  bool on_loop_thread() const;

private:
  event_loop();

  steady_time now_;
  timer_wheel timers_;
  batch_hook hook_;
};

} // namespace weir::net
