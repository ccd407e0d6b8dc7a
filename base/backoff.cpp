// Exponential back-off with a cap.
#include "base/backoff.hpp"

#include <algorithm>
#include <cmath>

namespace weir {

std::optional<duration> backoff::failed(steady_time started, steady_time now,
                                        random_source& random) {
  if (now - started >= options_.stable) failures_ = 0;
  ++failures_;
  if (options_.failures_max != 0 && failures_ > options_.failures_max) return std::nullopt;
  const auto first = static_cast<double>(options_.first.count());
  const auto most = static_cast<double>(options_.most.count());
  const auto wait = std::min(first * std::pow(options_.factor, failures_ - 1), most);
  return random.jitter(duration(static_cast<duration::rep>(wait)), options_.jitter);
}

} // namespace weir
