// The queue, and what its threads do.
#include "net/access/password_checker.hpp"

#include "net/access/password_hash.hpp"

#include <openssl/crypto.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

namespace weir::net {

namespace {

/// A login may wait; whoever is being served may not.
constexpr int nice_value = 10;

} // namespace

password_checker::~password_checker() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (auto& each : threads_)
    each.join();
}

bool password_checker::submit(job work) {
  {
    const std::lock_guard lock(mutex_);
    if (ending_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(work));
    if (threads_.empty()) start();
  }
  wake_.notify_one();
  return true;
}

/// Signals are the main thread's.
void password_checker::start() {
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (std::size_t i = 0; i < threads_max_; ++i)
    threads_.emplace_back([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void password_checker::run() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice_value);
  password_verifier verifier;
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (ending_) return;
    auto work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    const bool matches = verifier.matches(work.stored, work.password);
    OPENSSL_cleanse(work.password.data(), work.password.size());
    work.done(matches);
    work = {}; // also what `done` holds goes before the next wait
    lock.lock();
  }
}

} // namespace weir::net
