// A regular file that is being served: its descriptor, validators and the header fields made from
// them once.
#pragma once

#include "base/unique_fd.hpp"

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace weir::net {

/// Immutable. Shared by the cache and by every exchange that still sends from it, so the descriptor
/// closes when the last one ends.
struct open_file {
  unique_fd fd;
  std::uint64_t size = 0;
  std::int64_t modified = 0; // seconds since the epoch
  dev_t device = 0;
  ino_t inode = 0;
  std::string etag;             // with its quotes: "<mtime>-<size>" in hex
  std::string type_field;       // Content-Type, with CRLF
  std::string date_field;       // Last-Modified, with CRLF
  std::string validator_fields; // Last-Modified, ETag, Accept-Ranges; each line with CRLF

  /// Whether `now` describes the same bytes as far as the file system can say.
  bool same_as(const struct stat& now) const;
};
using open_file_ptr = std::shared_ptr<const open_file>;

/// Makes one of a regular file's descriptor; `name` decides the type.
open_file_ptr make_open_file(unique_fd fd, const struct stat& info, std::string_view name);

} // namespace weir::net
