// Rosters for tests: members numbered from 1.
#pragma once

#include "cluster/roster.hpp"

#include <initializer_list>
#include <string>

namespace weir::test {

inline node_id numbered(std::uint8_t n) {
  node_id out;
  out.bytes[15] = n;
  return out;
}

/// Members 1, 2, ... in these states.
inline cluster::roster sample_roster(std::uint64_t epoch,
                                     std::initializer_list<cluster::standing> states) {
  cluster::roster out;
  out.epoch = epoch;
  std::uint8_t n = 0;
  for (const auto state : states) {
    ++n;
    out.members.emplace(
        numbered(n),
        cluster::versioned<cluster::member_fact>{
            {numbered(n), "edge" + std::to_string(n), "h:1", state, epoch, {}, {}}, epoch});
  }
  return out;
}

} // namespace weir::test
