// Write, sync, rename, sync the folder.
#include "base/atomic_file.hpp"

#include "base/unique_fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>

namespace weir {

namespace {

error_code last_error() {
  return {errno, boost::system::system_category()};
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

} // namespace

result<void> write_file_atomically(const std::string& path, std::string_view bytes, mode_t mode) {
  std::string temporary = path + ".XXXXXX";
  const unique_fd file(::mkostemp(temporary.data(), O_CLOEXEC)); // made with mode 0600
  if (!file) return last_error();
  if (::fchmod(file.get(), mode) != 0 || !write_all(file.get(), bytes) ||
      ::fsync(file.get()) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
    const auto failed = last_error();
    ::unlink(temporary.c_str());
    return failed;
  }
  const unique_fd folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) return last_error();
  return {};
}

result<std::string> read_small_file(const std::string& path, std::size_t size_max) {
  const unique_fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return last_error();
  std::string out;
  char chunk[4096];
  for (;;) {
    const ssize_t got = ::read(file.get(), chunk, sizeof chunk);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return last_error();
    if (got == 0) return out;
    out.append(chunk, static_cast<std::size_t>(got));
    if (out.size() > size_max)
      return error_code(boost::system::errc::file_too_large, boost::system::generic_category());
  }
}

} // namespace weir
