// Looking up, believing for a while, and forgetting the least recently used.
#include "net/files/file_cache.hpp"

namespace weir::net {

file_lookup file_cache::find(const std::string& root, std::string_view path, steady_time now,
                             file_wishes wishes) {
  key_.assign(root);
  key_ += '\0'; // in neither of the two
  key_ += path;
  key_ += '\0';
  key_ += static_cast<char>('0' + static_cast<int>(wishes.immutable) * 2 + (wishes.coded ? 1 : 0));
  const auto known = index_.find(key_);
  if (known != index_.end() && now < known->second->believed_until) {
    ++hits_;
    entries_.splice(entries_.begin(), entries_, known->second);
    return known->second->lookup();
  }
  ++misses_;
  auto found = open_beneath(root, std::string(path));
  if (found.status != lookup_status::file) {
    if (known != index_.end()) forget(known);
    return {found.status, nullptr};
  }
  // The same file again keeps its old descriptor: exchanges that send from it share it.
  auto file = known != index_.end() && known->second->file->same_as(found.info)
                  ? known->second->file
                  : make_open_file(std::move(found.fd), found.info, path);
  auto& kept = place_for(known);
  kept.file = std::move(file);
  kept.believed_until = now + options_.valid_for;
  look_around(kept, root, path, now, wishes);
  return kept.lookup();
}

file_cache::entry& file_cache::place_for(index::iterator known) {
  if (known != index_.end()) {
    entries_.splice(entries_.begin(), entries_, known->second);
    return *known->second;
  }
  if (options_.entries == 0) return unkept_ = {};
  if (index_.size() >= options_.entries) forget(index_.find(entries_.back().key));
  entries_.push_front({.key = key_, .file = nullptr, .believed_until = {}, .coded = {}});
  index_.emplace(entries_.front().key, entries_.begin());
  return entries_.front();
}

void file_cache::look_around(entry& into, const std::string& root, std::string_view path,
                             steady_time now, file_wishes wishes) {
  constexpr std::array<std::string_view, content_coding_count> suffixes = {".br", ".zst", ".gz"};
  into.hashed = names_.contains(wishes.immutable, root, path, now);
  into.any_coded = false;
  for (std::size_t i = 0; wishes.coded && i < suffixes.size(); ++i) {
    sibling_.assign(path);
    sibling_ += suffixes[i];
    auto found = open_beneath(root, sibling_);
    auto& kept = into.coded[i];
    if (found.status != lookup_status::file || found.info.st_mtim.tv_sec < into.file->modified)
      kept.reset();
    else if (!kept || !kept->same_as(found.info))
      kept = make_open_file(std::move(found.fd), found.info, path);
    into.any_coded |= kept != nullptr;
  }
}

void file_cache::forget(index::iterator known) {
  const auto at = known->second;
  index_.erase(known); // first: its key lives in the entry
  entries_.erase(at);
}

void file_cache::clear() {
  index_.clear();
  entries_.clear();
  names_.clear();
  unkept_ = {};
}

} // namespace weir::net
