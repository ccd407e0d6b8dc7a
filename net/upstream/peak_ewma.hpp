// How long a server takes to answer, as a moving average that rises at once and sinks slowly (peak
// EWMA, as Finagle's p2cPeakEwma).
#pragma once

#include "base/clock.hpp"

#include <cstdint>

namespace weir::net {

/// What one server's answers have cost. A plain value of 64 bits, so that it fits an atomic. The
/// moment is kept modulo 2^32 ms: a server that answers nothing for 49 days may be misjudged once.
struct latency_estimate {
  std::uint32_t cost_us = 0; // at `at_ms`; 0: nothing is known
  std::uint32_t at_ms = 0;
  bool known() const { return cost_us != 0; }
};

/// How fast old answers are forgotten: after this long a third of their weight is left.
inline constexpr duration latency_memory = 10s;
/// What an error costs at least. It doubles what was known, so that however slow good answers are,
/// failing fast is never cheaper.
inline constexpr duration error_cost = 1s;
/// More than this nothing costs: a server must be tried again some day.
inline constexpr duration latency_cost_max = 60s;

/// What the estimate is worth `now`: it sinks while nobody asks, so that a server which was slow
/// once is tried again. Microseconds; 0: nothing is known.
double cost_at(latency_estimate estimate, steady_time now);

/// After a good answer whose head took `latency`: a peak counts at once, better times gradually.
latency_estimate after_answer(latency_estimate before, duration latency, steady_time now);
/// After an error that took `latency`: dearer than anything known so far.
latency_estimate after_error(latency_estimate before, duration latency, steady_time now);

} // namespace weir::net
