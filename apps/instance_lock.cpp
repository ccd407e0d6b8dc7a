// fcntl(2) locks: the kernel drops them with their process and knows its pid.
#include "apps/instance_lock.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace weir::apps {

namespace {

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

} // namespace

result<instance_lock> instance_lock::take(const std::string& path) {
  unique_fd file(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return error_code(errno, boost::system::system_category());
  auto lock = whole_file();
  if (fcntl(file.get(), F_SETLK, &lock) != 0)
    return make_error_code(boost::system::errc::device_or_resource_busy);
  auto pid = std::to_string(getpid()) + "\n";
  if (ftruncate(file.get(), 0) != 0 || write(file.get(), pid.data(), pid.size()) < 0)
    return error_code(errno, boost::system::system_category());
  return instance_lock(std::move(file));
}

pid_t instance_lock::holder(const std::string& path) {
  unique_fd file(open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
  auto lock = whole_file();
  if (!file || fcntl(file.get(), F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK) return 0;
  return lock.l_pid;
}

} // namespace weir::apps
