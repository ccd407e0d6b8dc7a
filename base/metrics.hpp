// Counters, gauges and histograms that one thread writes and any thread reads: no lock, no
// read-modify-write.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weir {

/// Label names and values of one series, in the order they are shown.
using labels = std::vector<std::pair<std::string, std::string>>;

/// A count that only grows. Written by one thread (its shard), read by the one that answers a
/// scrape.
class counter {
public:
  void add(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> value_{0};
};

/// A level that goes up and down. One writer, any reader. Per shard it may be negative; the sum of
/// the shards is not.
class gauge {
public:
  void add(std::int64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void sub(std::int64_t amount = 1) { add(-amount); }
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::int64_t> value_{0};
};

/// What a histogram held at one moment; those of several shards add up. `counts` has one more entry
/// than `bounds`: observations above the last bound. Not cumulative.
struct histogram_values {
  std::span<const double> bounds;
  std::vector<std::uint64_t> counts;
  double sum = 0;

  std::uint64_t count() const;
  /// REQUIRES: the same bounds.
  void add(const histogram_values& other);
};

/// Upper bounds in seconds that suit a proxied request: 0.5 ms to 30 s.
inline constexpr std::array<double, 15> latency_bounds{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};

/// Counts observations by size. One writer, any reader; a reader may see an observation's count
/// before its sum.
class histogram {
public:
  static constexpr std::size_t bounds_max = 24;

  /// REQUIRES: `bounds` ascend, are at most `bounds_max`, and outlive the histogram (they are
  /// constants).
  explicit histogram(std::span<const double> bounds = latency_bounds) : bounds_(bounds) {}

  void observe(double value) {
    std::size_t slot = 0;
    while (slot < bounds_.size() && value > bounds_[slot])
      ++slot;
    counts_[slot].add();
    sum_.store(sum_.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
  }
  void observe(duration value) { observe(std::chrono::duration<double>(value).count()); }
  histogram_values values() const;

private:
  std::span<const double> bounds_;
  std::array<counter, bounds_max + 1> counts_;
  std::atomic<double> sum_{0};
};

} // namespace weir
