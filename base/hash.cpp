// Fast hashes: printing.
#include "base/hash.hpp"

#include <algorithm>

namespace weir {

std::string hex_prefix(std::uint64_t hash, std::size_t digits) {
  constexpr std::size_t width = 16;
  std::string text(std::min(digits, width), '0');
  for (char& digit : text) {
    digit = "0123456789abcdef"[hash >> 60];
    hash <<= 4;
  }
  return text;
}

} // namespace weir
