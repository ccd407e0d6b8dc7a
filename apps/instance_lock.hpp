// A file that one process at a time may hold, and that tells the others who does.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <string>

namespace weir::apps {

/// Holds a POSIX record lock on a file until it is destroyed or its process ends, however it ends.
/// Not inherited by children. A process must not open the same file a second time: closing it would
/// drop the lock (fcntl(2)).
class instance_lock {
public:
  /// Makes the file (mode 0600) and writes our pid into it, for people. Fails with
  /// device_or_resource_busy when another process holds it.
  static result<instance_lock> take(const std::string& path);
  /// The process that holds the lock, by the kernel's word; 0 when none does.
  static pid_t holder(const std::string& path);

private:
  explicit instance_lock(unique_fd file) : file_(std::move(file)) {}
  unique_fd file_;
};

} // namespace weir::apps
