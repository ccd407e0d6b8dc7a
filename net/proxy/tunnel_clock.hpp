// When a tunnel has stood still for too long.
#pragma once

#include "base/clock.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace weir::net {

/// The two directions of a tunnel.
enum class tunnel_way : std::uint8_t { up, down }; // client to origin, origin to client

/// How a tunnel ended: the reason in the log and in weir_tunnels_ended_total. Append only.
enum class tunnel_end : std::uint8_t {
  finished,      // both sides ended theirs
  client_gone,   // the client's connection broke
  upstream_gone, // the origin's did
  idle_timeout,  // no byte went either way for too long
  write_timeout, // a side took nothing for too long
  shutting_down, // the node's end
};
inline constexpr std::size_t tunnel_end_count = 6;
/// A stable snake_case name.
std::string_view name_of(tunnel_end end);

struct tunnel_limits {
  duration idle{};        // silence of both sides
  duration half_closed{}; // the same once one side has ended its own
  duration write{};       // a side that takes nothing of what waits for it
};

/// Told what happens and when; says until when the tunnel may stand as it is. Pure.
class tunnel_clock {
public:
  tunnel_clock(const tunnel_limits& limits, steady_time now)
      : limits_(limits), moved_at_{now, now} {}

  /// Bytes were read or written.
  void moved(tunnel_way way, steady_time now) { moved_at_[index(way)] = now; }
  /// Whether bytes wait for the side that this way leads to.
  void set_blocked(tunnel_way way, bool on) { blocked_[index(way)] = on; }
  /// One side has ended its own.
  void set_half_closed() { half_closed_ = true; }

  steady_time deadline() const { return std::min(write_deadline(), idle_deadline()); }
  /// What it means when the deadline has come.
  tunnel_end meaning() const {
    return write_deadline() <= idle_deadline() ? tunnel_end::write_timeout
                                               : tunnel_end::idle_timeout;
  }

private:
  static std::size_t index(tunnel_way way) { return static_cast<std::size_t>(way); }
  steady_time write_deadline() const {
    auto first = steady_time::max();
    for (std::size_t i = 0; i < blocked_.size(); ++i)
      if (blocked_[i]) first = std::min(first, moved_at_[i] + limits_.write);
    return first;
  }
  steady_time idle_deadline() const {
    const auto silent_for =
        half_closed_ ? std::min(limits_.idle, limits_.half_closed) : limits_.idle;
    return std::max(moved_at_[0], moved_at_[1]) + silent_for;
  }

  tunnel_limits limits_;
  std::array<steady_time, 2> moved_at_;
  std::array<bool, 2> blocked_{};
  bool half_closed_ = false;
};

} // namespace weir::net
