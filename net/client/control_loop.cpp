// The control thread: io_context, work guard, start and stop.
#include "net/client/control_loop.hpp"

#include <boost/asio/post.hpp>

#include <pthread.h>

#include <future>

namespace weir::net {

control_loop::control_loop() : guard_(context_.get_executor()) {}

control_loop::~control_loop() {
  stop();
}

void control_loop::start() {
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "weir-control");
    context_.run();
  });
}

void control_loop::stop() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void control_loop::post(std::function<void()> work) {
  boost::asio::post(context_, std::move(work));
}

void control_loop::run_and_wait(const std::function<void()>& work) {
  if (!thread_.joinable() || on_loop_thread()) {
    work();
    return;
  }
  // A task that is destroyed unrun breaks its promise, which ends the wait too.
  auto task = std::make_shared<std::packaged_task<void()>>(work);
  auto done = task->get_future();
  post([task] { (*task)(); });
  task.reset();
  done.wait();
}

bool control_loop::on_loop_thread() const {
  return thread_.get_id() == std::this_thread::get_id();
}

} // namespace weir::net
