// What this process uses of what it may: descriptors and memory, cheap enough to ask often.
#pragma once

#include "base/unique_fd.hpp"

#include <cstdint>

namespace weir {

/// A reader of its own for each thread. The limits are read once, at the beginning.
class process_load {
public:
  process_load();

  /// The lowest number that is free: what is open is at least that, and the kernel fills gaps
  /// first. Two system calls, whatever is open. `descriptors_max()` when none is free.
  std::uint64_t descriptors() const;
  std::uint64_t descriptors_max() const { return descriptors_max_; }
  /// From this number on they are not for newcomers, but for what the process needs itself: 5 % of
  /// them, at least 16. No limit when there is none.
  std::uint64_t reserve_begins() const;
  /// Resident; 0 when it cannot be read.
  std::uint64_t memory_bytes() const;
  /// Of the control group, else of the machine; 0: unknown.
  std::uint64_t memory_bytes_max() const { return memory_bytes_max_; }

private:
  unique_fd statm_;
  std::uint64_t descriptors_max_ = 0;
  std::uint64_t memory_bytes_max_ = 0;
};

} // namespace weir
