// Threads that verify passwords, so that no shard does.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::net {

/// A bounded queue and the threads behind it, which give way to everything else on the machine. One
/// per node. Any thread may submit; the threads begin with the first job and end with the object.
class password_checker {
public:
  struct job {
    std::string stored;
    std::string password;           // wiped when it was looked at
    std::function<void(bool)> done; // called on one of the threads: whether it matches
  };

  password_checker(std::size_t threads, std::size_t queue_max)
      : threads_max_(threads), queue_max_(queue_max) {}
  ~password_checker();
  password_checker(const password_checker&) = delete;
  password_checker& operator=(const password_checker&) = delete;

  /// False: too many wait already; `done` is not called.
  bool submit(job work);

private:
  void run();
  void start();

  std::size_t threads_max_;
  std::size_t queue_max_;
  std::mutex mutex_; // guards all below
  std::condition_variable wake_;
  std::deque<job> queue_;
  std::vector<std::thread> threads_;
  bool ending_ = false;
};

} // namespace weir::net
