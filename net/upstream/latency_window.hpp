// How long answers have taken lately, as percentiles.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace weir::net {

/// Observations of the last half minute to minute, longer where there are few; in buckets whose
/// ends lie an eighth apart at most, from a microsecond to two minutes: 1.6 KiB. One instance per
/// upstream and shard; not thread-safe.
class latency_window {
public:
  /// As long as one half of what is remembered collects.
  static constexpr duration half = 30s;
  /// Fewer observations say nothing about their slowest twentieth.
  static constexpr std::uint32_t enough = 100;

  void observe(duration took, steady_time now);
  /// What `percent` of a hundred observations did not exceed, at most an eighth too long; nothing
  /// as long as there are not `enough`. REQUIRES: 1 to 100.
  std::optional<duration> percentile(std::uint32_t percent) const;

private:
  static constexpr std::size_t bucket_count = 200;
  struct histogram {
    std::array<std::uint32_t, bucket_count> counts{};
    std::uint64_t sum = 0;
  };
  static std::size_t bucket_of(duration took);
  static duration end_of(std::size_t bucket);

  histogram present_;
  histogram before_;
  steady_time began_{};
};

} // namespace weir::net
