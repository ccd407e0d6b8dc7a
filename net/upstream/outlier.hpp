// Passive ejection: a server that keeps failing real requests leaves the balance for a growing
// while.
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"

#include <cstdint>
#include <string_view>

namespace weir::net {

/// Why a server was ejected.
enum class ejection_reason : std::uint8_t { consecutive_failures, success_rate };
inline constexpr std::size_t ejection_reason_count = 2;
/// A stable snake_case name for logs and metrics.
std::string_view name_of(ejection_reason reason);

/// Whether so many failures among so many requests of one window are too many.
bool succeeds_too_rarely(const config::outlier_settings& settings, std::uint32_t requests,
                         std::uint32_t failures);

/// What is remembered of one server's ejections. Plain data; its owner guards it.
struct outlier_history {
  std::uint32_t level = 0;     // how many times `eject` the last ejection lasted
  steady_time ejected_until{}; // the end of the last ejection
};

/// Longest ejection, however often it is repeated; an `eject` that is longer itself is obeyed.
inline constexpr duration longest_ejection = 5min;

/// Whether one more of `up` servers may be ejected when `ejected` of them already are. A share
/// below one server means none: the only server of an upstream is never ejected.
bool may_eject(const config::outlier_settings& settings, std::uint32_t ejected, std::uint32_t up);

/// Records an ejection that begins `now` and returns when it ends: `eject` times the number of
/// ejections in short succession, at most `longest_ejection`. Each `eject` of good conduct since
/// the last one ended takes one step back.
steady_time eject(outlier_history& history, const config::outlier_settings& settings,
                  steady_time now);

} // namespace weir::net
