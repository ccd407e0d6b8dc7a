// The edge-triggered epoll loop under a shard: sockets, timers and posted work of one thread.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "net/io/timer_wheel.hpp"

#include <atomic>
#include <cstddef>
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

/// Counters of one loop since it began. Plain numbers: read them on the loop's thread.
struct loop_stats {
  std::uint64_t waits = 0;  // epoll_wait calls
  std::uint64_t events = 0; // descriptors reported
  std::uint64_t posts = 0;  // posted work that ran
  std::uint64_t exceptions =
      0; // thrown by a handler, a timer, posted work or the hook: always a bug
};

/// One thread's loop. `run()` waits for events, calls handlers, runs posted work, fires due timers,
/// then runs the batch hook (the shard's actors), and waits again. Everything but `post()`,
/// `stop()` and `on_loop_thread()` belongs to the loop's thread; before `run()` to whoever sets the
/// loop up. An exception that reaches the loop is counted and logged; the loop goes on.
class event_loop {
public:
  /// Runs queued actors after each batch of events; returns true when more work is ready, so the
  /// loop does not sleep.
  using batch_hook = std::function<bool()>;
  /// Hears of every exception that reached the loop, with its text.
  using exception_hook = std::function<void(const char* what)>;

  static result<std::unique_ptr<event_loop>> create();
  ~event_loop();
  event_loop(const event_loop&) = delete;
  event_loop& operator=(const event_loop&) = delete;

  /// Watches `fd`, edge-triggered, for reading, writing and hang-up at once. The handler must
  /// outlive `unwatch`.
  error_code watch(int fd, io_handler& handler);
  /// Like `watch`, but level-triggered and for reading only: listening sockets.
  error_code watch_listener(int fd, io_handler& handler);
  /// Forgets `fd`; events of this handler that are already in the current batch are dropped too.
  /// Call before close().
  void unwatch(int fd, io_handler& handler);

  /// Time at the start of the current batch: good to a millisecond or so, free to read.
  steady_time now() const { return now_; }
  timer_wheel& timers() { return timers_; }
  const loop_stats& stats() const { return stats_; }

  /// Runs `work` on the loop's thread, soon. Thread-safe. Dropped (destroyed unrun) once the loop
  /// has stopped.
  void post(std::function<void()> work);
  void set_batch_hook(batch_hook hook) { hook_ = std::move(hook); }
  void set_exception_hook(exception_hook hook) { on_exception_ = std::move(hook); }

  /// Runs until `stop()`, once in the loop's life.
  void run();
  /// Ends `run()` after the current batch. Thread-safe.
  void stop();
  /// Makes the loop do one round soon, batch hook included. Thread-safe.
  void wake();
  /// Whether the caller is on the thread inside `run()`. Thread-safe.
  bool on_loop_thread() const;

private:
  static constexpr std::size_t batch_size = 256;

  event_loop(unique_fd epoll, unique_fd wake);
  error_code add(int fd, io_handler& handler, std::uint32_t events);
  int wait_ms(bool more_work) const;
  void dispatch(std::size_t count);
  void run_posted();
  void close_inbox();
  template <class F>
  void guarded(F&& f);

  unique_fd epoll_;
  unique_fd wake_;
  steady_time now_;
  timer_wheel timers_;
  batch_hook hook_;
  exception_hook on_exception_;
  loop_stats stats_;
  std::unique_ptr<epoll_event[]> events_;
  std::size_t next_event_ = 0; // of the current batch
  std::size_t event_count_ = 0;

  std::mutex mutex_; // guards the next two
  std::vector<std::function<void()>> posted_;
  bool closed_ = false;
  std::vector<std::function<void()>> running_; // swapped with posted_: keeps its memory
  std::atomic<bool> has_posted_ = false;
  std::atomic<bool> stopping_ = false;
};

} // namespace weir::net
