// Where in the file sites and routes stand. Apart from their settings: a block that only moved is
// the same block.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace weir::config {

/// First lines, counted from 1.
struct site_lines {
  std::uint32_t site = 0;
  std::vector<std::uint32_t> routes; // in the file's order
};

struct source_lines {
  std::string file; // as it was named; empty: the settings came from no file
  std::vector<site_lines> sites;
};

} // namespace weir::config
