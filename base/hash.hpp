// Fast hashes for tables and short digests. Not for anything an attacker must not be able to forge.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// FNV-1a, 64 bits: stable over versions and machines, so a digest means the same on every node.
/// With the hash of what stands before it as `hash`, that of the whole.
constexpr std::uint64_t fnv1a64(std::string_view bytes, std::uint64_t hash = 0xcbf29ce484222325) {
  for (const char byte : bytes)
    hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001b3;
  return hash;
}

/// The finaliser of SplitMix64 (Stafford's variant 13): every input bit reaches every output bit.
constexpr std::uint64_t mix64(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

/// The `digits` highest hex digits of a hash, at most 16.
std::string hex_prefix(std::uint64_t hash, std::size_t digits);

} // namespace weir
