// epoll(7), edge-triggered, with the handler's address as the event's data: no look-up per event.
#include "net/io/event_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <exception>
#include <limits>
#include <utility>

namespace weir::net {

namespace {

thread_local const event_loop* running_loop = nullptr;

error_code last_error() {
  return {errno, boost::system::system_category()};
}

/// sendfile(2) and OpenSSL's writes have no MSG_NOSIGNAL: a peer that left must not end the
/// process.
void block_sigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

} // namespace

result<std::unique_ptr<event_loop>> event_loop::create() {
  unique_fd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll) return last_error();
  unique_fd wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!wake) return last_error();
  // Edge-triggered: each write is a new event, so the counter never needs to be read.
  epoll_event event{};
  event.events = EPOLLIN | EPOLLET;
  if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) return last_error();
  return std::unique_ptr<event_loop>(new event_loop(std::move(epoll), std::move(wake)));
}

event_loop::event_loop(unique_fd epoll, unique_fd wake)
    : epoll_(std::move(epoll)), wake_(std::move(wake)), now_(std::chrono::steady_clock::now()),
      timers_(now_), events_(std::make_unique<epoll_event[]>(batch_size)) {}

event_loop::~event_loop() {
  close_inbox();
}

error_code event_loop::watch(int fd, io_handler& handler) {
  return add(fd, handler, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
}

error_code event_loop::watch_listener(int fd, io_handler& handler) {
  return add(fd, handler, EPOLLIN);
}

error_code event_loop::add(int fd, io_handler& handler, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = &handler;
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return last_error();
  return {};
}

void event_loop::unwatch(int fd, io_handler& handler) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  for (auto i = next_event_; i < event_count_; ++i)
    if (events_[i].data.ptr == &handler) events_[i].data.ptr = nullptr;
}

void event_loop::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  // `work` is a parameter: what is dropped here is destroyed by the caller, after the lock is gone.
  if (closed_) return;
  const auto first = posted_.empty();
  posted_.push_back(std::move(work));
  has_posted_.store(true, std::memory_order_release);
  if (first && !on_loop_thread()) wake();
}

void event_loop::run() {
  running_loop = this;
  block_sigpipe();
  bool more_work = true; // work may have been queued before the loop began
  while (!stopping_.load(std::memory_order_acquire)) {
    const auto count =
        ::epoll_wait(epoll_.get(), events_.get(), static_cast<int>(batch_size), wait_ms(more_work));
    now_ = std::chrono::steady_clock::now();
    ++stats_.waits;
    dispatch(count > 0 ? static_cast<std::size_t>(count) : 0);
    if (has_posted_.load(std::memory_order_acquire)) run_posted();
    guarded([this] { timers_.advance(now_); });
    more_work = false;
    if (hook_) guarded([&] { more_work = hook_(); });
  }
  close_inbox();
  running_loop = nullptr;
}

void event_loop::stop() {
  stopping_.store(true, std::memory_order_release);
  wake();
}

bool event_loop::on_loop_thread() const {
  return running_loop == this;
}

int event_loop::wait_ms(bool more_work) const {
  if (more_work || has_posted_.load(std::memory_order_acquire)) return 0;
  const auto deadline = timers_.next_deadline();
  if (!deadline) return -1;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*deadline - now_).count();
  return static_cast<int>(std::clamp<std::int64_t>(wait, 0, std::numeric_limits<int>::max()));
}

void event_loop::dispatch(std::size_t count) {
  stats_.events += count;
  event_count_ = count;
  for (next_event_ = 0; next_event_ < event_count_;) {
    const auto event = events_[next_event_++];
    if (event.data.ptr == nullptr) continue; // the wake-up, or unwatched in this batch
    auto& handler = *static_cast<io_handler*>(event.data.ptr);
    io_events what;
    what.readable = (event.events & EPOLLIN) != 0;
    what.writable = (event.events & EPOLLOUT) != 0;
    what.hangup = (event.events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    guarded([&] { handler.on_io(what); });
  }
  next_event_ = event_count_ = 0;
}

void event_loop::run_posted() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(posted_);
    has_posted_.store(false, std::memory_order_release);
  }
  stats_.posts += running_.size();
  for (auto& work : running_)
    guarded(work);
  running_.clear();
}

void event_loop::close_inbox() {
  std::vector<std::function<void()>> dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(posted_);
}

void event_loop::wake() {
  // Fails only when the counter is full (2^64 - 2): never.
  [[maybe_unused]] const auto result = ::eventfd_write(wake_.get(), 1);
}

template <class F>
void event_loop::guarded(F&& f) {
  try {
    f();
  } catch (const std::exception& e) {
    ++stats_.exceptions;
    if (on_exception_) on_exception_(e.what());
  } catch (...) {
    ++stats_.exceptions;
    if (on_exception_) on_exception_("unknown exception");
  }
}

} // namespace weir::net
