// Finding, keeping, and forgetting the least recently used.
#include "net/encode/coded_file_cache.hpp"

#include <algorithm>

namespace weir::net {

coded_content coded_file_cache::find(const open_file_ptr& file, content_coding coding) {
  const auto at = std::find_if(entries_.begin(), entries_.end(), [&](const entry& each) {
    return each.file == file && each.coding == coding;
  });
  if (at == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, at);
  return at->content;
}

void coded_file_cache::keep(open_file_ptr file, content_coding coding, std::string content) {
  if (content.size() > content_bytes_max || content.size() > bytes_max_) return;
  if (find(file, coding)) return; // two clients asked for it at once
  content.shrink_to_fit();
  bytes_ += content.size();
  entries_.push_front(
      {std::move(file), coding, std::make_shared<const std::string>(std::move(content))});
  while (bytes_ > bytes_max_ || entries_.size() > entries_max)
    forget_last();
}

void coded_file_cache::forget_last() {
  bytes_ -= entries_.back().content->size();
  entries_.pop_back();
}

} // namespace weir::net
