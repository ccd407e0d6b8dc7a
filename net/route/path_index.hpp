// Paths to routes: exact, prefixes by whole segments (longest first), then regexes, in groups of
// falling priority.
#pragma once

#include "net/route/route_regex.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

/// The routes of one site, as indices. Built once by `add` and `finish`, then only read.
class path_index {
public:
  /// Sorted by path, so one binary search finds every exact and prefix candidate of a
  /// path: the greatest entry not above the path, then its chain of `parent`s, the next shorter
  /// entries that are string prefixes.
  struct entry {
    std::string path;
    std::int32_t parent = -1;
    std::vector<std::uint32_t> exact;
    std::vector<std::uint32_t> prefix;
  };
  struct regex_route {
    route_regex regex;
    std::uint32_t route = 0;
  };
  struct group {
    std::int32_t priority = 0;
    std::vector<entry> entries;
    std::vector<regex_route> regexes;
    std::int32_t find(std::string_view path) const; // -1: none
  };

  void add_exact(std::int32_t priority, std::string_view path, std::uint32_t route);
  void add_prefix(std::int32_t priority, std::string_view path, std::uint32_t route);
  void add_regex(std::int32_t priority, route_regex regex, std::uint32_t route);
  /// Sorts and links; REQUIRED before `walk`.
  void finish();

  enum class walk_result : std::uint8_t { found, none, regex_limit };

  /// Offers routes that match `path`, best first, until `accept(route)` returns true. `captures`
  /// belongs to the offered route when that is a regex one.
  template <class Accept>
  walk_result walk(std::string_view path, regex_captures& captures, Accept&& accept) const;

private:
  group& at(std::int32_t priority);
  entry& entry_at(std::int32_t priority, std::string_view path);

  std::vector<group> groups_; // highest priority first
};

/// Whether `prefix` covers `path` by whole segments: "/a" covers "/a" and "/a/b", "/a/" covers
/// "/a/b" but not "/a".
bool covers(std::string_view prefix, std::string_view path);

template <class Accept>
path_index::walk_result path_index::walk(std::string_view path, regex_captures& captures,
                                         Accept&& accept) const {
  for (const auto& g : groups_) {
    auto at = g.find(path);
    if (at >= 0 && g.entries[static_cast<std::size_t>(at)].path == path)
      for (auto route : g.entries[static_cast<std::size_t>(at)].exact)
        if (accept(route)) return walk_result::found;
    for (; at >= 0; at = g.entries[static_cast<std::size_t>(at)].parent) {
      const auto& e = g.entries[static_cast<std::size_t>(at)];
      if (e.prefix.empty() || !covers(e.path, path)) continue;
      for (auto route : e.prefix)
        if (accept(route)) return walk_result::found;
    }
    for (const auto& r : g.regexes) {
      auto outcome = r.regex.match(path, captures);
      if (outcome == regex_outcome::limit) return walk_result::regex_limit;
      if (outcome == regex_outcome::match && accept(r.route)) return walk_result::found;
    }
  }
  return walk_result::none;
}

} // namespace weir::net
