// Finding the byte that ends a name, a value or a target, sixteen bytes at a time where the machine
// can.
#pragma once

#include <bit>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weir::net::scan {

#if defined(__SSE2__)
namespace detail {
inline __m128i load(const char* p) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
}
inline __m128i at_most(__m128i x, char limit) {
  return _mm_cmpeq_epi8(_mm_min_epu8(x, _mm_set1_epi8(limit)), x);
}
inline __m128i at_least(__m128i x, char limit) {
  return _mm_cmpeq_epi8(_mm_max_epu8(x, _mm_set1_epi8(limit)), x);
}
inline __m128i equal(__m128i x, char c) {
  return _mm_cmpeq_epi8(x, _mm_set1_epi8(c));
}
} // namespace detail
#endif

/// The first byte in [p, end) that `Stop` names, or `end`. Never reads outside.
template <class Stop>
inline const char* find(const char* p, const char* end) {
#if defined(__SSE2__)
  for (; end - p >= 16; p += 16) {
    const auto hits = static_cast<std::uint32_t>(_mm_movemask_epi8(Stop::sixteen(detail::load(p))));
    if (hits != 0) return p + std::countr_zero(hits);
  }
#endif
  while (p != end && !Stop::one(static_cast<unsigned char>(*p)))
    ++p;
  return p;
}

/// A control byte other than HT, or DEL: where a field value ends.
struct not_field_text {
  static bool one(unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; }
#if defined(__SSE2__)
  static __m128i sixteen(__m128i x) {
    const auto control = _mm_andnot_si128(detail::equal(x, '\t'), detail::at_most(x, 0x1f));
    return _mm_or_si128(control, detail::equal(x, 0x7f));
  }
#endif
};

/// Anything but visible ASCII: where a request target ends.
struct not_visible {
  static bool one(unsigned char c) { return c <= 0x20 || c >= 0x7f; }
#if defined(__SSE2__)
  static __m128i sixteen(__m128i x) {
    return _mm_or_si128(detail::at_most(x, 0x20), detail::at_least(x, 0x7f));
  }
#endif
};

/// Anything but letters, digits and '-': a field name that ends in a colon here needs no further
/// look.
struct not_plain_name {
  static bool one(unsigned char c) {
    const auto lower = static_cast<unsigned char>(c | 0x20);
    return (lower < 'a' || lower > 'z') && (c < '0' || c > '9') && c != '-';
  }
#if defined(__SSE2__)
  static __m128i sixteen(__m128i x) {
    const auto lower = _mm_or_si128(x, _mm_set1_epi8(0x20));
    const auto letter = detail::at_most(_mm_sub_epi8(lower, _mm_set1_epi8('a')), 25);
    const auto digit = detail::at_most(_mm_sub_epi8(x, _mm_set1_epi8('0')), 9);
    const auto plain = _mm_or_si128(_mm_or_si128(letter, digit), detail::equal(x, '-'));
    return _mm_xor_si128(plain, _mm_set1_epi8(-1));
  }
#endif
};

} // namespace weir::net::scan
