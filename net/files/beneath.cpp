// openat2(2) with RESOLVE_BENEATH, and the walk by openat(2) where that is missing.
#include "net/files/beneath.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

namespace weir::net {

namespace {

/// O_NONBLOCK: opening a FIFO must not wait for its writer.
constexpr int read_flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
constexpr int folder_flags = O_PATH | O_DIRECTORY | O_CLOEXEC;

int open_resolved(int root, const char* path) {
  open_how how{};
  how.flags = read_flags;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  for (int tries = 0;; ++tries) {
    const auto fd = ::syscall(SYS_openat2, root, path, &how, sizeof how);
    // EAGAIN: something was renamed meanwhile and the kernel could not tell whether ".." stays
    // inside.
    if (fd >= 0 || (errno != EINTR && errno != EAGAIN) || tries == 8) return static_cast<int>(fd);
  }
}

int open_plainly(int root, const std::string& path) {
  unique_fd folder;
  int at = root;
  for (std::size_t from = 0;;) {
    const auto slash = path.find('/', from);
    const auto name = path.substr(from, slash - from);
    if (name == "..") {
      errno = EXDEV;
      return -1;
    }
    const bool last = slash == std::string::npos;
    const int fd = ::openat(at, name.empty() ? "." : name.c_str(),
                            (last ? read_flags : folder_flags) | O_NOFOLLOW);
    if (fd < 0 || last) return fd;
    folder.reset(fd);
    at = fd;
    from = slash + 1;
  }
}

lookup_status status_of_errno(int error) {
  switch (error) {
  case ENOENT:
  case ENOTDIR:
  case ENAMETOOLONG:
  case ENXIO:
    return lookup_status::not_found; // ENXIO: a socket
  case EXDEV:
  case ELOOP:
    return lookup_status::outside;
  case EACCES:
  case EPERM:
    return lookup_status::forbidden;
  case EMFILE:
  case ENFILE:
    return lookup_status::no_descriptors;
  default:
    return lookup_status::io_error;
  }
}

/// A sandbox that does not know the call says ENOSYS or EPERM for it, whatever the path.
bool has_openat2() {
  static const bool has = [] {
    const unique_fd here(open_resolved(AT_FDCWD, "."));
    return static_cast<bool>(here) || (errno != ENOSYS && errno != EPERM);
  }();
  return has;
}

} // namespace

opened open_beneath(const std::string& root, const std::string& path, beneath_mode mode) {
  opened out;
  const unique_fd folder(::open(root.c_str(), folder_flags));
  if (!folder) {
    out.status = status_of_errno(errno);
    return out;
  }
  if (mode == beneath_mode::links && has_openat2())
    out.fd.reset(open_resolved(folder.get(), path.empty() ? "." : path.c_str()));
  else
    out.fd.reset(open_plainly(folder.get(), path));
  if (!out.fd || ::fstat(out.fd.get(), &out.info) != 0) {
    out.status = status_of_errno(errno);
    out.fd.reset();
    return out;
  }
  if (S_ISREG(out.info.st_mode))
    out.status = lookup_status::file;
  else if (S_ISDIR(out.info.st_mode))
    out.status = lookup_status::directory;
  if (out.status != lookup_status::file) out.fd.reset();
  return out;
}

unique_fd open_folder_beneath(const std::string& root, const std::string& path) {
  const unique_fd folder(::open(root.c_str(), folder_flags));
  if (!folder) return {};
  auto relative = path;
  while (relative.ends_with('/'))
    relative.pop_back();
  if (relative.empty()) relative = ".";
  unique_fd out(has_openat2() ? open_resolved(folder.get(), relative.c_str())
                              : open_plainly(folder.get(), relative));
  struct stat info {};
  if (!out || ::fstat(out.get(), &info) != 0 || !S_ISDIR(info.st_mode)) return {};
  return out;
}

} // namespace weir::net
