// From a file to an immutable snapshot, or to everything that is wrong with it.
#pragma once

#include "config/diagnostic.hpp"
#include "config/settings.hpp"
#include "config/surroundings.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weir::config {

/// What one text says. `values` are usable only without errors.
struct parse_result {
  settings values;
  std::vector<site_lines> lines;    // one for each of the sites
  std::vector<diagnostic> findings; // errors and warnings, by position
  bool ok = false;                  // no errors
};

/// Reads, checks and completes a config text. Pure: the same text in the same surroundings gives
/// the same result. Never throws on any input.
parse_result parse_settings(std::string_view text, const surroundings& around);

/// What one file says.
struct load_result {
  snapshot_ptr snapshot; // null when there are errors
  std::vector<diagnostic> findings;
  std::string file; // as it was named

  explicit operator bool() const { return snapshot != nullptr; }
  /// What `weir validate` prints: one line per finding and a count; empty for a clean file.
  std::string report() const { return config::report(findings, file); }
};

/// Reads `path` and makes snapshot number `version` of it. Blocks on the disk: not on a shard.
load_result load_snapshot(const std::string& path, std::uint64_t version);

} // namespace weir::config
