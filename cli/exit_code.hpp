// What the exit codes of `weir` mean (interface.md 4).
#pragma once

namespace weir::cli {

enum exit_code : int {
  exit_ok = 0,
  exit_failed = 1,
  exit_usage = 2,
  exit_partial = 3,     // some nodes
  exit_conflict = 4,    // or no quorum
  exit_unreachable = 5, // no node answered
};

} // namespace weir::cli
