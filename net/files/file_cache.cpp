// Looking up, believing for a while, and forgetting the least recently used.
#include "net/files/file_cache.hpp"

namespace weir::net {

file_lookup file_cache::find(std::string_view root, std::string_view path, steady_time now) {
  key_.assign(root);
  key_ += '\0'; // in neither of the two
  key_ += path;
  const auto known = index_.find(key_);
  if (known != index_.end() && now < known->second->believed_until) {
    ++hits_;
    entries_.splice(entries_.begin(), entries_, known->second);
    return {lookup_status::file, known->second->file};
  }
  ++misses_;
  auto found = open_beneath(std::string(root), std::string(path));
  if (found.status != lookup_status::file) {
    if (known != index_.end()) forget(known);
    return {found.status, nullptr};
  }
  // The same file again keeps its old descriptor: exchanges that send from it share it.
  auto file = known != index_.end() && known->second->file->same_as(found.info)
                  ? known->second->file
                  : make_open_file(std::move(found.fd), found.info, path);
  keep(known, file, now);
  return {lookup_status::file, std::move(file)};
}

void file_cache::keep(index::iterator known, open_file_ptr file, steady_time now) {
  const auto believed_until = now + options_.valid_for;
  if (known != index_.end()) {
    known->second->file = std::move(file);
    known->second->believed_until = believed_until;
    entries_.splice(entries_.begin(), entries_, known->second);
    return;
  }
  if (options_.entries == 0) return;
  if (index_.size() >= options_.entries) forget(index_.find(entries_.back().key));
  entries_.push_front({key_, std::move(file), believed_until});
  index_.emplace(entries_.front().key, entries_.begin());
}

void file_cache::forget(index::iterator known) {
  const auto at = known->second;
  index_.erase(known); // first: its key lives in the entry
  entries_.erase(at);
}

void file_cache::clear() {
  index_.clear();
  entries_.clear();
}

} // namespace weir::net
