// SipHash agrees with another implementation of it.
#include "base/sip_hash.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace weir;

namespace {

/// The key of the authors' test vectors: bytes 00 to 0f.
constexpr wide_hash vectors_key{0x0706050403020100, 0x0f0e0d0c0b0a0908};

/// The output as a sequence of bytes, as `openssl mac -macopt size:16 SIPHASH` prints it.
std::string printed(const wide_hash& hash) {
  std::string out;
  for (const auto word : {hash.low, hash.high})
    for (unsigned i = 0; i < 8; ++i) {
      const auto byte = word >> (8 * i) & 0xff;
      out += "0123456789ABCDEF"[byte >> 4];
      out += "0123456789ABCDEF"[byte & 15];
    }
  return out;
}

} // namespace

TEST(sip_hash, agrees_with_openssl) {
  EXPECT_EQ(printed(sip_hash(vectors_key, "")), "A3817F04BA25A8E66DF67214C7550293");
  std::string fifteen;
  for (char c = 0; c < 15; ++c)
    fifteen += c;
  EXPECT_EQ(printed(sip_hash(vectors_key, fifteen)), "5493E99933B0A8117E08EC0F97CFC3D9");
  EXPECT_EQ(printed(sip_hash(vectors_key, "example.com/path?query=1&other=weir")),
            "5E4DD58A115478AA0E1437DABA2D3327");
}

TEST(sip_hash, the_secret_and_every_byte_matter) {
  const auto base = sip_hash({1, 2}, "example.com/a");
  EXPECT_NE(sip_hash({1, 3}, "example.com/a"), base);
  EXPECT_NE(sip_hash({1, 2}, "example.com/b"), base);
  EXPECT_NE(sip_hash({1, 2}, std::string_view("example.com/a\0", 14)), base);
}
