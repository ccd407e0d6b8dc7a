// Building the path index and finding the place where a walk begins.
#include "net/route/path_index.hpp"

#include <algorithm>

namespace weir::net {

bool covers(std::string_view prefix, std::string_view path) {
  if (!path.starts_with(prefix)) return false;
  return prefix.ends_with('/') || path.size() == prefix.size() || path[prefix.size()] == '/';
}

std::int32_t path_index::group::find(std::string_view path) const {
  const auto above = std::upper_bound(
      entries.begin(), entries.end(), path,
      [](std::string_view wanted, const entry& e) { return wanted < std::string_view(e.path); });
  return static_cast<std::int32_t>(above - entries.begin()) - 1;
}

path_index::group& path_index::at(std::int32_t priority) {
  const auto it = std::lower_bound(groups_.begin(), groups_.end(), priority,
                                   [](const group& g, std::int32_t p) { return g.priority > p; });
  if (it != groups_.end() && it->priority == priority) return *it;
  return *groups_.insert(it, group{priority, {}, {}});
}

path_index::entry& path_index::entry_at(std::int32_t priority, std::string_view path) {
  auto& entries = at(priority).entries;
  const auto it =
      std::find_if(entries.begin(), entries.end(), [&](const entry& e) { return e.path == path; });
  if (it != entries.end()) return *it;
  entries.emplace_back();
  entries.back().path = path;
  return entries.back();
}

void path_index::add_exact(std::int32_t priority, std::string_view path, std::uint32_t route) {
  entry_at(priority, path).exact.push_back(route);
}

void path_index::add_prefix(std::int32_t priority, std::string_view path, std::uint32_t route) {
  entry_at(priority, path).prefix.push_back(route);
}

void path_index::add_regex(std::int32_t priority, route_regex regex, std::uint32_t route) {
  at(priority).regexes.push_back({std::move(regex), route});
}

void path_index::finish() {
  for (auto& g : groups_) {
    std::sort(g.entries.begin(), g.entries.end(),
              [](const entry& a, const entry& b) { return a.path < b.path; });
    // In sorted order the predecessor, or one of its parents, is the longest string prefix.
    for (std::size_t i = 1; i < g.entries.size(); ++i) {
      auto candidate = static_cast<std::int32_t>(i) - 1;
      while (candidate >= 0 &&
             !g.entries[i].path.starts_with(g.entries[static_cast<std::size_t>(candidate)].path))
        candidate = g.entries[static_cast<std::size_t>(candidate)].parent;
      g.entries[i].parent = candidate;
    }
  }
}

} // namespace weir::net
