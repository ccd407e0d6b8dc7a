// The one thread behind every slow socket of a node: peer links, admin listener, health checks.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <functional>
#include <thread>

namespace weir::net {

/// Owns an Asio io_context and the thread that runs it. Made and stopped by the composition root;
/// whoever uses it lives shorter than it. Handlers run one at a time, so objects of this thread
/// need no lock; a handler must not block. A handler that throws ends the process: it is our own
/// bug.
class control_loop {
public:
  control_loop();
  ~control_loop();
  control_loop(const control_loop&) = delete;
  control_loop& operator=(const control_loop&) = delete;

  /// Starts the thread; once.
  void start();
  /// Ends the thread after the handler that runs now, and waits for it. Work that is still queued
  /// is destroyed unrun, with this object. Idempotent. Not from the loop's own thread.
  void stop();

  boost::asio::io_context& context() { return context_; }
  /// Runs `work` on the loop's thread, soon. Thread-safe.
  void post(std::function<void()> work);
  /// Runs `work` on the loop's thread and waits for its end; at once if the loop does not run or
  /// the caller is on it.
  void run_and_wait(const std::function<void()>& work);
  bool on_loop_thread() const;

private:
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
  std::thread thread_;
};

} // namespace weir::net
