// Opening a file below a folder, so that no path and no symbolic link leads out of it (openat2(2)).
#pragma once

#include "base/unique_fd.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace weir::net {

enum class lookup_status : std::uint8_t {
  file,
  directory,
  not_found,      // nothing there, or neither file nor directory
  outside,        // a symbolic link leads out of the root
  forbidden,      // the mode forbids reading
  no_descriptors, // EMFILE, ENFILE
  io_error,
};

struct opened {
  lookup_status status = lookup_status::not_found;
  unique_fd fd; // when status is file
  struct stat info {};
};

/// How the kernel is asked. `links`: openat2, which follows symbolic links while they stay beneath
/// the root. `plain`: for kernels and sandboxes without it: segment by segment, no symbolic link
/// followed at all.
enum class beneath_mode : std::uint8_t { links, plain };

/// Opens `path` for reading; it is relative to `root`, empty for the root itself. Never blocks on a
/// FIFO. The root may be a symbolic link itself, and is looked up anew each time, so that a release
/// can be switched by moving it.
opened open_beneath(const std::string& root, const std::string& path,
                    beneath_mode mode = beneath_mode::links);

/// Opens a folder below `root` for reading its entries; empty-handed when there is none or it may
/// not be read.
unique_fd open_folder_beneath(const std::string& root, const std::string& path);

} // namespace weir::net
