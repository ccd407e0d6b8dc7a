// Bounded writes: only a regular file is written to without asking first whether it would block.
#include "base/log_file.hpp"

#include <boost/system/errc.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace weir {
namespace {

constexpr std::size_t pipe_atom =
    4096; // PIPE_BUF: what a writable pipe takes at once and in one piece

error_code last_error() {
  return {errno, boost::system::system_category()};
}

int milliseconds_until(steady_time deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

/// As many whole lines as fit, or a piece of one that does not.
std::size_t atom_of(std::string_view lines) {
  if (lines.size() <= pipe_atom) return lines.size();
  const auto end = lines.rfind('\n', pipe_atom - 1);
  return end == std::string_view::npos ? pipe_atom : end + 1;
}

} // namespace

result<log_file> log_file::open(std::string path) {
  if (path == "stdout") {
    struct stat about {};
    const bool regular = ::fstat(STDOUT_FILENO, &about) == 0 && S_ISREG(about.st_mode);
    return log_file{std::move(path), STDOUT_FILENO, regular};
  }
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0640);
  if (fd < 0) return last_error();
  struct stat about {};
  const bool regular = ::fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
  return log_file{std::move(path), fd, regular};
}

log_file::log_file(std::string path, int fd, bool regular)
    : path_(std::move(path)), fd_(fd), regular_(regular) {}

log_file::log_file(log_file&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), regular_(other.regular_) {}

log_file& log_file::operator=(log_file&& other) noexcept {
  if (this != &other) {
    close();
    path_ = std::move(other.path_);
    fd_ = std::exchange(other.fd_, -1);
    regular_ = other.regular_;
  }
  return *this;
}

log_file::~log_file() {
  close();
}

void log_file::close() {
  if (fd_ > STDERR_FILENO) ::close(fd_);
  fd_ = -1;
}

error_code log_file::write(std::string_view lines, steady_time deadline) {
  while (!lines.empty())
    if (auto failed = write_some(lines, deadline)) return failed;
  return {};
}

error_code log_file::write_some(std::string_view& lines, steady_time deadline) {
  if (!regular_) {
    pollfd ready{fd_, POLLOUT, 0};
    const int count = ::poll(&ready, 1, milliseconds_until(deadline));
    if (count == 0) return make_error_code(boost::system::errc::timed_out);
    if (count < 0 && errno != EINTR) return last_error();
    if (count < 0) return {};
  }
  const auto size = regular_ ? lines.size() : atom_of(lines);
  const auto written = ::write(fd_, lines.data(), size);
  if (written < 0) return errno == EINTR || errno == EAGAIN ? error_code{} : last_error();
  lines.remove_prefix(static_cast<std::size_t>(written));
  return {};
}

error_code log_file::reopen() {
  if (path_ == "stdout") return {};
  auto fresh = open(path_);
  if (!fresh) return fresh.error();
  *this = std::move(*fresh);
  return {};
}

bool log_file::moved_away() const {
  if (path_ == "stdout") return false;
  struct stat named {};
  struct stat opened {};
  if (::fstat(fd_, &opened) != 0) return true;
  return ::stat(path_.c_str(), &named) != 0 || named.st_ino != opened.st_ino ||
         named.st_dev != opened.st_dev;
}

} // namespace weir
