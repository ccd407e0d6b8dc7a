// SipHash-2-4, 128 bits.
#include "base/sip_hash.hpp"

#include <bit>
#include <cstddef>
#include <cstring>

namespace weir {

namespace {

struct sip_state {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }

  std::uint64_t squeeze() {
    for (int i = 0; i < 4; ++i)
      round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

/// Up to eight bytes, little-endian.
std::uint64_t load_word(const char* bytes, std::size_t count) {
  static_assert(std::endian::native == std::endian::little);
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, count);
  return word;
}

} // namespace

wide_hash sip_hash(const wide_hash& secret, std::string_view bytes) {
  sip_state s{secret.low ^ 0x736f6d6570736575, secret.high ^ 0x646f72616e646f6d ^ 0xee,
              secret.low ^ 0x6c7967656e657261, secret.high ^ 0x7465646279746573};
  const char* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; at += 8, left -= 8)
    s.absorb(load_word(at, 8));
  const auto tail = left == 0 ? 0 : load_word(at, left);
  s.absorb(tail | static_cast<std::uint64_t>(bytes.size()) << 56);
  wide_hash out;
  s.v2 ^= 0xee;
  out.low = s.squeeze();
  s.v1 ^= 0xdd;
  out.high = s.squeeze();
  return out;
}

} // namespace weir
