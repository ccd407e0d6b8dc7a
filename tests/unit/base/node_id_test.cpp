// A node id survives its text form, and nothing else passes for one.
#include "base/node_id.hpp"

#include <gtest/gtest.h>

using weir::node_id;

TEST(node_id, text_and_parse_are_inverse) {
  node_id id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i)
    id.bytes[i] = static_cast<std::uint8_t>(i * 17);
  EXPECT_EQ(id.text(), "00112233445566778899aabbccddeeff");
  EXPECT_EQ(node_id::parse(id.text()), id);
  EXPECT_EQ(node_id::parse("00112233445566778899AABBCCDDEEFF"), id);
}

TEST(node_id, refuses_what_is_not_32_hexadecimal_digits) {
  EXPECT_FALSE(node_id::parse(""));
  EXPECT_FALSE(node_id::parse("00112233445566778899aabbccddeef"));
  EXPECT_FALSE(node_id::parse("00112233445566778899aabbccddeeff0"));
  EXPECT_FALSE(node_id::parse("0x112233445566778899aabbccddeeff"));
}

TEST(node_id, orders_by_its_bytes) {
  EXPECT_LT(*node_id::parse("00000000000000000000000000000001"),
            *node_id::parse("01000000000000000000000000000000"));
}
