// The open-file cache of one shard: what a path led to a moment ago, with its descriptor still
// open.
#pragma once

#include "base/clock.hpp"
#include "net/files/open_file.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weir::net {

struct file_cache_options {
  std::size_t entries = 1024; // open descriptors at most; the least recently used go first
  duration valid_for = 1s;    // how long an entry is believed before the path is looked up again
  std::uint64_t file_path_bytes = 4096; // longer paths are not there
};

enum class lookup_status : std::uint8_t {
  file,
  directory,
  not_found,      // nothing there, or neither file nor directory
  outside,        // a symbolic link leads out of the root
  forbidden,      // the mode forbids reading
  no_descriptors, // EMFILE, ENFILE
  io_error,
};

struct file_lookup {
  lookup_status status = lookup_status::not_found;
  open_file_ptr file; // when status is file
};

/// Maps (root, path) to open files. One shard's; time comes in. Only files are kept: other outcomes
/// are looked up each time.
class file_cache {
public:
  explicit file_cache(file_cache_options options = {}) : options_(options) {}
  file_cache(const file_cache&) = delete;
  file_cache& operator=(const file_cache&) = delete;

  /// `path` is relative to `root`: no leading slash, no NUL, no ".." segment.
  file_lookup find(std::string_view root, std::string_view path, steady_time now);
  void clear();

  std::size_t size() const { return index_.size(); }
  std::uint64_t hits() const { return hits_; }
  std::uint64_t misses() const { return misses_; }

private:
  struct entry {
    std::string key;
    open_file_ptr file;
    steady_time believed_until;
  };
  using order = std::list<entry>; // most recently used first

  void keep(order::iterator found, open_file_ptr file, steady_time now);

  file_cache_options options_;
  order entries_;
  std::unordered_map<std::string_view, order::iterator> index_; // views into the entries' keys
  std::string key_;                                             // of the current lookup
  std::uint64_t hits_ = 0, misses_ = 0;
};

} // namespace weir::net
