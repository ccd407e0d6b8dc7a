// The three lanes between two nodes: own connections, so that a heartbeat never waits behind a
// body.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::net {

enum class lane : std::uint8_t {
  ctl,   // heartbeats, meta, purges
  state, // limiter deltas
  bulk,  // bodies, snapshots
};
inline constexpr std::size_t lane_count = 3;
inline constexpr std::array<lane, lane_count> all_lanes = {lane::ctl, lane::state, lane::bulk};

constexpr std::size_t index_of(lane which) {
  return static_cast<std::size_t>(which);
}

/// What happens to a message that does not fit into the lane's outgoing queue.
enum class full_policy : std::uint8_t {
  close_link,  // a peer that does not take control messages is no use: close and suspect
  drop_oldest, // a newer count replaces an older one; what is too old goes first
  refuse,      // the sender must stop reading its source
};

struct lane_rules {
  std::string_view name;         // in the upgrade's target and in metrics
  std::size_t message_bytes_max; // in either direction
  std::size_t queue_bytes_max;   // outgoing; also what may be received and not yet handled
  full_policy when_full;
  duration idle_max; // nothing heard, pings included: the connection is dead
};

inline constexpr std::array<lane_rules, lane_count> lane_table = {{
    {"ctl", 64u << 10, 1u << 20, full_policy::close_link, 6s},
    {"state", 256u << 10, 4u << 20, full_policy::drop_oldest, 15s},
    {"bulk", 1u << 20, 16u << 20, full_policy::refuse, 15s},
}};

constexpr const lane_rules& rules_of(lane which) {
  return lane_table[index_of(which)];
}

constexpr std::optional<lane> lane_named(std::string_view name) {
  for (const lane which : all_lanes)
    if (rules_of(which).name == name) return which;
  return std::nullopt;
}

} // namespace weir::net
