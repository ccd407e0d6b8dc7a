// Randomness as an argument: a seeded generator that every decision is handed, never a global.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstdint>

namespace weir {

/// xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64. Satisfies
/// UniformRandomBitGenerator. One per shard or per machine; not for secrets; not thread-safe.
class random_source {
public:
  using result_type = std::uint64_t;

  explicit random_source(std::uint64_t seed);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return UINT64_MAX; }
  result_type operator()();

  /// Uniform in [0, bound), without bias. REQUIRES: bound > 0.
  std::uint64_t below(std::uint64_t bound);

  /// Uniform in [0, 1).
  double unit();

  /// `base` plus or minus up to `fraction` of it: keeps many nodes from acting in step.
  /// REQUIRES: base >= 0, 0 <= fraction <= 1.
  duration jitter(duration base, double fraction);

private:
  std::array<std::uint64_t, 4> state_;
};

/// A seed from the kernel's generator, for the composition root; tests pass a number.
std::uint64_t seed_from_system();

} // namespace weir
