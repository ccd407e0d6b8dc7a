// Randomness as an argument: xoshiro256** and its seeding.
#include "base/random.hpp"

#include "base/hash.hpp"

#include <bit>
#include <random>

namespace weir {

random_source::random_source(std::uint64_t seed) {
  for (auto& word : state_)
    word = mix64(seed += 0x9e3779b97f4a7c15);
}

random_source::result_type random_source::operator()() {
  const auto value = std::rotl(state_[1] * 5, 7) * 9;
  const auto shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return value;
}

std::uint64_t random_source::below(std::uint64_t bound) {
  // The lowest 2^64 mod bound values would make small results likelier: draw again.
  const auto threshold = (0 - bound) % bound;
  for (;;) {
    const auto value = (*this)();
    if (value >= threshold) return value % bound;
  }
}

double random_source::unit() {
  return static_cast<double>((*this)() >> 11) * 0x1.0p-53;
}

duration random_source::jitter(duration base, double fraction) {
  const auto factor = 1.0 + fraction * (2.0 * unit() - 1.0);
  return duration(static_cast<duration::rep>(static_cast<double>(base.count()) * factor));
}

std::uint64_t seed_from_system() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}

} // namespace weir
