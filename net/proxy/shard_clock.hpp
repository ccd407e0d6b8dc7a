// The wall clock of a shard: read once a second, for the Date field and the log.
#pragma once

#include "base/clock.hpp"
#include "net/http/http_date.hpp"

#include <string_view>

namespace weir::net {

/// One per shard. Follows the loop's steady time between readings, so that a request costs none.
class shard_clock {
public:
  explicit shard_clock(const clock_source& clock) : clock_(clock) {}

  /// The value of a Date field, like "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 6.6.1). Valid until
  /// the next call.
  std::string_view date(steady_time now) { return date_.at(wall_of(now, now)); }
  /// The wall time that belongs to `moment`.
  wall_time wall_of(steady_time now, steady_time moment);

private:
  const clock_source& clock_;
  date_cache date_;
  steady_time read_at_{};
  wall_time wall_{};
};

} // namespace weir::net
