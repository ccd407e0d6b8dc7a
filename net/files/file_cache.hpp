// The open-file cache of one shard: what a path led to a moment ago, with its descriptor still
// open.
#pragma once

#include "base/clock.hpp"
#include "net/files/beneath.hpp"
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
  using order = std::list<entry>;                                      // most recently used first
  using index = std::unordered_map<std::string_view, order::iterator>; // views into entries' keys

  void keep(index::iterator known, open_file_ptr file, steady_time now);
  void forget(index::iterator known);

  file_cache_options options_;
  order entries_;
  index index_;
  std::string key_; // of the current lookup
  std::uint64_t hits_ = 0, misses_ = 0;
};

} // namespace weir::net
