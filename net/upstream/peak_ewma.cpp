// Exponential decay by the time between two looks.
#include "net/upstream/peak_ewma.hpp"

#include <algorithm>
#include <cmath>

namespace weir::net {

namespace {

std::uint32_t milliseconds_of(steady_time now) {
  return static_cast<std::uint32_t>(
      std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count());
}

/// What is left of something after the time since `estimate` was made.
double remaining(latency_estimate estimate, steady_time now) {
  // Another shard's clock may be a little ahead: that is no age of 49 days.
  const auto age = static_cast<std::int32_t>(milliseconds_of(now) - estimate.at_ms);
  const auto memory = std::chrono::duration<double, std::milli>(latency_memory).count();
  return std::exp(-std::max(age, 0) / memory);
}

double microseconds(duration value) {
  return std::chrono::duration<double, std::micro>(value).count();
}

latency_estimate made(double cost_us, steady_time now) {
  const auto bounded = std::clamp(cost_us, 1.0, microseconds(latency_cost_max));
  return {static_cast<std::uint32_t>(bounded), milliseconds_of(now)};
}

} // namespace

double cost_at(latency_estimate estimate, steady_time now) {
  return estimate.known() ? estimate.cost_us * remaining(estimate, now) : 0;
}

latency_estimate after_answer(latency_estimate before, duration latency, steady_time now) {
  const auto took = microseconds(latency);
  if (!before.known() || took >= before.cost_us) return made(took, now);
  const auto kept = remaining(before, now);
  return made(before.cost_us * kept + took * (1 - kept), now);
}

latency_estimate after_error(latency_estimate before, duration latency, steady_time now) {
  return made(std::max({microseconds(latency), microseconds(error_cost), 2.0 * before.cost_us}),
              now);
}

} // namespace weir::net
