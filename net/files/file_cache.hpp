// The open-file cache of one shard: what a path led to a moment ago, with its descriptor still
// open.
#pragma once

#include "base/clock.hpp"
#include "config/files_settings.hpp"
#include "net/files/beneath.hpp"
#include "net/files/hashed_names.hpp"
#include "net/files/open_file.hpp"
#include "net/http/accept_encoding.hpp"

#include <array>
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

/// What is to be known about a file besides itself.
struct file_wishes {
  bool coded = false; // its compressed forms: x.br, x.zst, x.gz
  config::immutable_mode immutable = config::immutable_mode::off;
};

/// By content_coding; null: there is none that is as new as the file itself.
using coded_files = std::array<open_file_ptr, content_coding_count>;

struct file_lookup {
  lookup_status status = lookup_status::not_found;
  open_file_ptr file;                 // when status is file
  const coded_files* coded = nullptr; // until the next lookup; null: none
  bool hashed = false;                // its name says what is in it: it never changes
};

/// Maps (root, path) to open files. One shard's; time comes in. Only files are kept: other outcomes
/// are looked up each time.
class file_cache {
public:
  explicit file_cache(file_cache_options options = {}) : options_(options) {}
  file_cache(const file_cache&) = delete;
  file_cache& operator=(const file_cache&) = delete;

  /// `path` is relative to `root`: no leading slash, no NUL, no ".." segment.
  file_lookup find(const std::string& root, std::string_view path, steady_time now,
                   file_wishes wishes = {});
  void clear();

  std::size_t size() const { return index_.size(); }
  std::uint64_t hits() const { return hits_; }
  std::uint64_t misses() const { return misses_; }

private:
  struct entry {
    std::string key;
    open_file_ptr file;
    steady_time believed_until;
    coded_files coded;
    bool any_coded = false;
    bool hashed = false;
    file_lookup lookup() const {
      return {lookup_status::file, file, any_coded ? &coded : nullptr, hashed};
    }
  };
  using order = std::list<entry>;                                      // most recently used first
  using index = std::unordered_map<std::string_view, order::iterator>; // views into entries' keys

  entry& place_for(index::iterator known);
  void look_around(entry& into, const std::string& root, std::string_view path, steady_time now,
                   file_wishes wishes);
  void forget(index::iterator known);

  file_cache_options options_;
  order entries_;
  index index_;
  std::string key_;     // of the current lookup
  std::string sibling_; // the path of the compressed form being looked for
  hashed_names names_;
  entry unkept_; // what was found last, when nothing is kept
  std::uint64_t hits_ = 0, misses_ = 0;
};

} // namespace weir::net
