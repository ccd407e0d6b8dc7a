// How long to wait before something that failed is started again: exponential, jittered, forgiving.
#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"

#include <cstdint>
#include <optional>

namespace weir {

struct backoff_options {
  duration first = std::chrono::milliseconds(100);
  duration most = std::chrono::seconds(30);
  double factor = 2.0;
  double jitter = 0.2;                        // of the wait, both ways
  duration stable = std::chrono::seconds(60); // having run this long forgives what was before
  std::uint32_t failures_max = 0;             // in a row, then give up; 0: never
};

/// The restart policy of one supervised thing. Pure: the caller says when it started and failed.
class backoff {
public:
  explicit backoff(const backoff_options& options) : options_(options) {}

  /// It ran from `started` to `now` and failed. How long to wait before the next start; nothing
  /// when it failed too often in a row.
  std::optional<duration> failed(steady_time started, steady_time now, random_source& random);
  /// Failures in a row, the last one included.
  std::uint32_t failures() const { return failures_; }

private:
  backoff_options options_;
  std::uint32_t failures_ = 0;
};

} // namespace weir
