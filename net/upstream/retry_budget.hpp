// Caps retries at a share of the requests, so that a failing origin is not buried under them.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstdint>

namespace weir::net {

/// Retries allowed over a sliding window of 10 s: a percentage of the requests in it, or a small
/// floor that lets a quiet upstream retry at all. One instance per upstream and shard; not
/// thread-safe.
class retry_budget {
public:
  static constexpr duration window = 10s;
  static constexpr std::uint32_t floor = 100; // ten a second, as Finagle and Linkerd allow

  /// `at_least` retries in a window, unless there are none at all.
  explicit retry_budget(std::uint32_t percent, std::uint32_t at_least = floor)
      : percent_(percent), floor_(percent > 0 ? at_least : 0) {}

  /// A new request (not a retry) was admitted.
  void count_request(steady_time now);
  bool allows(steady_time now) const;
  /// Takes one retry when there is one left.
  bool try_spend(steady_time now);

private:
  struct bucket {
    std::int64_t second = -1;
    std::uint32_t requests = 0;
    std::uint32_t retries = 0;
  };
  bucket& at(steady_time now);

  std::uint32_t percent_;
  std::uint32_t floor_;
  std::array<bucket, 10> buckets_;
};

} // namespace weir::net
