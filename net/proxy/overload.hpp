// Whether a shard has more to do than it can, and why: then it says so instead of being late for
// everybody.
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <string_view>

namespace weir::net {

/// Why new requests are turned away: the label `reason` of weir_shed_requests_total. Append only.
enum class overload_reason : std::uint8_t { none, descriptors, memory, loop_lag };
inline constexpr std::size_t overload_reason_count = 4;
std::string_view name_of(overload_reason reason);

/// What is read now and then.
struct load_readings {
  duration lag{};                     // how late the loop looks at its timers
  std::uint64_t descriptors = 0;      // in use
  std::uint64_t descriptors_max = 0;  // 0: unknown
  std::uint64_t memory_bytes = 0;     // resident
  std::uint64_t memory_bytes_max = 0; // 0: unknown
};

/// Where it begins and where it ends, apart so that it does not flutter. The rest of the
/// descriptors is for origins, files, admin and health checks; the rest of the memory for what is
/// under way.
struct overload_limits {
  std::uint32_t begin_percent = 90;
  std::uint32_t end_percent = 80;
  duration lag_begins = 1s;
  duration lag_ends = 100ms;
  int lag_readings = 4; // as many in a row: one long round is no overload
  duration calm = 1s;   // and it must have been below for as long
};

/// Told readings, in the order of time. Pure.
class overload {
public:
  explicit overload(const overload_limits& limits = {}) : limits_(limits) {}

  /// What holds after this reading.
  overload_reason update(const load_readings& now, steady_time when);
  overload_reason reason() const { return reason_; }

private:
  overload_reason judge(const load_readings& now);
  bool is_over(const load_readings& now) const;

  overload_limits limits_;
  overload_reason reason_ = overload_reason::none;
  int late_ = 0; // readings in a row
  steady_time calm_since_{};
  bool calm_ = false;
};

} // namespace weir::net
