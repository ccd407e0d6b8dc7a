// How unusual the present silence is: phi accrual (Hayashibara et al., "The phi accrual failure
// detector", 2004).
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstddef>

namespace weir::cluster {

/// The gaps between the last heartbeats of one peer. phi() says how unlikely the present silence
/// is: 3 means once in a thousand, 8 once in a hundred million, if arrivals went on as they were. A
/// plain value.
class arrival_history {
public:
  /// Begins as if heartbeats had come every `expected`; gaps count with at least `deviation_min` of
  /// spread.
  arrival_history(duration expected, duration deviation_min);

  /// A regular heartbeat came `gap` after the one before. A gap over five times the expected one is
  /// an outage, not a rhythm, and counts as that much only.
  void record(duration gap);
  /// The suspicion after `silence`, of which `allowance` is forgiven. Between 0 and 300.
  double phi(duration silence, duration allowance) const;
  /// Forgets all gaps: the peer began a new life.
  void reset();

  duration mean() const { return duration(static_cast<duration::rep>(mean_seconds() * 1e9)); }

private:
  static constexpr std::size_t window = 100;

  double mean_seconds() const { return sum_ / static_cast<double>(count_); }

  double expected_; // seconds, like all below
  double deviation_min_;
  std::array<double, window> gaps_{};
  std::size_t count_ = 0;
  std::size_t next_ = 0;
  double sum_ = 0;
  double sum_of_squares_ = 0;
};

} // namespace weir::cluster
