// Files that were compressed on the fly, kept so that it is done once.
#pragma once

#include "net/files/open_file.hpp"
#include "net/http/accept_encoding.hpp"

#include <cstddef>
#include <list>
#include <memory>
#include <string>

namespace weir::net {

using coded_content = std::shared_ptr<const std::string>;

/// By file and coding, the least recently used go first. An entry holds its file, so that no other
/// can be taken for it; a file that has changed is another one. One shard's.
class coded_file_cache {
public:
  /// A shard's share of memory, and of open files.
  static constexpr std::size_t default_bytes_max = std::size_t{8} << 20;
  static constexpr std::size_t entries_max = 256;
  /// A larger one would push all others out.
  static constexpr std::size_t content_bytes_max = std::size_t{1} << 20;

  explicit coded_file_cache(std::size_t bytes_max = default_bytes_max) : bytes_max_(bytes_max) {}

  /// Null: not here.
  coded_content find(const open_file_ptr& file, content_coding coding);
  void keep(open_file_ptr file, content_coding coding, std::string content);
  std::size_t bytes() const { return bytes_; }

private:
  struct entry {
    open_file_ptr file;
    content_coding coding;
    coded_content content;
  };
  void forget_last();

  std::list<entry> entries_; // most recently used first; few enough to be searched
  std::size_t bytes_ = 0;
  std::size_t bytes_max_;
};

} // namespace weir::net
