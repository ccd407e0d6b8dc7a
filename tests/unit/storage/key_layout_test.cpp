// Keys never collide, values survive, and foreign bytes are refused.
#include "storage/key_layout.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <set>

using namespace weir::storage;

TEST(key_layout, no_two_facts_share_a_key) {
  const std::set<std::string> keys = {make_key(store_field::format), make_key(identity_field::node),
                                      make_key(identity_field::incarnation),
                                      make_key(identity_field::drained)};
  EXPECT_EQ(keys.size(), 4u);
}

TEST(key_layout, numbers_survive_and_sort_as_bytes) {
  for (std::uint64_t value : {std::uint64_t{0}, std::uint64_t{255}, std::uint64_t{256},
                              std::numeric_limits<std::uint64_t>::max()})
    EXPECT_EQ(decode_number(encode_number(value)), value);
  EXPECT_LT(encode_number(255), encode_number(256));
}

TEST(key_layout, a_value_of_another_size_is_refused) {
  EXPECT_FALSE(decode_number(""));
  EXPECT_FALSE(decode_number("1234567"));
  EXPECT_FALSE(decode_node("short"));
}

TEST(key_layout, a_node_id_survives) {
  const auto id = *weir::node_id::parse("fe000000000000000000000000000180");
  EXPECT_EQ(decode_node(encode_node(id)), id);
}
