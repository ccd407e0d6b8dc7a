// Reading histograms.
#include "base/metrics.hpp"

#include <cassert>
#include <numeric>

namespace weir {

std::uint64_t histogram_values::count() const {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void histogram_values::add(const histogram_values& other) {
  assert(counts.size() == other.counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i)
    counts[i] += other.counts[i];
  sum += other.sum;
}

histogram_values histogram::values() const {
  histogram_values seen;
  seen.bounds = bounds_;
  seen.counts.reserve(bounds_.size() + 1);
  for (std::size_t i = 0; i <= bounds_.size(); ++i)
    seen.counts.push_back(counts_[i].value());
  seen.sum = sum_.load(std::memory_order_relaxed);
  return seen;
}

} // namespace weir
