// Two histograms with eight buckets to an octave: the present one becomes the former.
#include "net/upstream/latency_window.hpp"

#include <algorithm>
#include <bit>

namespace weir::net {

namespace {

constexpr unsigned mantissa_bits = 3;
constexpr std::uint64_t octave = 1u << mantissa_bits; // buckets of one
constexpr std::uint64_t longest_us = (std::uint64_t{1} << 27) - 1;

} // namespace

/// Microseconds as a floating-point number of three bits: exact below 16.
std::size_t latency_window::bucket_of(duration took) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  const auto value = static_cast<std::uint64_t>(std::clamp<std::int64_t>(us, 0, longest_us));
  const auto width = static_cast<unsigned>(std::bit_width(value));
  const auto shift = width > mantissa_bits + 1 ? width - mantissa_bits - 1 : 0;
  return shift * octave + (value >> shift);
}

duration latency_window::end_of(std::size_t bucket) {
  const auto shift = bucket < 2 * octave ? 0 : bucket / octave - 1;
  const auto first = bucket - shift * octave;
  return std::chrono::microseconds(((first + 1) << shift) - 1);
}

void latency_window::observe(duration took, steady_time now) {
  if (now - began_ >= half && present_.sum >= enough) {
    before_ = present_;
    present_ = {};
    began_ = now;
  }
  ++present_.counts[bucket_of(took)];
  ++present_.sum;
}

std::optional<duration> latency_window::percentile(std::uint32_t percent) const {
  const auto all = present_.sum + before_.sum;
  if (all < enough) return std::nullopt;
  const auto wanted = (all * percent + 99) / 100;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    seen += present_.counts[i] + before_.counts[i];
    if (seen >= wanted) return end_of(i);
  }
  return end_of(bucket_count - 1);
}

} // namespace weir::net
