// Requests by method and status, for one site and route on one shard.
#pragma once

#include "base/metrics.hpp"
#include "net/http/message.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace weir::net {

/// A small open-addressed table that one thread writes and any thread reads. Bounded: what finds no
/// place is counted as `other`, so that no origin can grow it with invented statuses.
class code_counts {
public:
  static constexpr std::size_t slots = 64;

  void add(http_method method, std::uint16_t status);

  /// Calls `f(method, status, count)` for each pair seen; status 0 stands for all that found no
  /// place.
  template <class F>
  void each(F&& f) const {
    for (const auto& each : slots_) {
      const auto key = each.key.load(std::memory_order_acquire);
      if (key != 0)
        f(static_cast<http_method>(key >> 16), static_cast<std::uint16_t>(key & 0xffff),
          each.count.value());
    }
    if (other_.value() > 0) f(http_method::other, std::uint16_t{0}, other_.value());
  }

private:
  struct entry {
    std::atomic<std::uint32_t> key{0}; // (method << 16 | status); 0: free, since no status is 0
    counter count;
  };
  std::array<entry, slots> slots_;
  counter other_;
};

} // namespace weir::net
