// What is written is read again, and bytes that make no sense are nothing.
#include "storage/disk_record.hpp"

#include "base/random.hpp"
#include "tests/support/cached_object.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::storage;
using test::make_object;

namespace {

std::string joined(const std::vector<std::string_view>& pieces) {
  std::string out;
  for (const auto piece : pieces)
    out += piece;
  return out;
}

std::string head_of(const stored_object& object, std::uint64_t stamp) {
  std::string scratch;
  return joined(encode_head(object, stamp, scratch));
}

} // namespace

TEST(disk_record, facts_and_keys_survive) {
  const disk_facts facts{7, 123'456'789'012, -5, 9};
  EXPECT_EQ(decode_facts(encode_facts(facts)), facts);
  const cache_key key{0x0123456789abcdef, 0xfedcba9876543210};
  EXPECT_EQ(decode_facts_key(facts_key(key)), key);
  EXPECT_EQ(record_key(key, 3), facts_key(key) + '\3');
  EXPECT_FALSE(decode_facts(""));
  EXPECT_FALSE(decode_facts(encode_facts(facts) + "x"));
  EXPECT_FALSE(decode_facts_key("short"));
}

TEST(disk_record, a_short_body_stands_in_the_head) {
  for (const std::size_t bytes : {std::size_t{2}, std::size_t{1000}, inline_body_max}) {
    const auto object = make_object("a", bytes);
    EXPECT_EQ(facts_of(*object, 1).segments, 0);
    const auto record = head_of(*object, 42);
    const auto head = decode_head(record);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->stamp, 42u);
    EXPECT_EQ(head->expires, object->expires());
    EXPECT_EQ(head->key_text, object->key_text());
    EXPECT_EQ(head->meta, object->meta());
    EXPECT_EQ(head->body, test::body_of(*object));
  }
}

TEST(disk_record, a_long_body_stands_in_segments) {
  const auto object = make_object("a", 2 * segment_bytes + 5);
  const auto facts = facts_of(*object, 42);
  EXPECT_EQ(facts.segments, 3);
  EXPECT_GE(facts.bytes, object->body_bytes());
  const auto record = head_of(*object, 42);
  ASSERT_TRUE(decode_head(record));
  EXPECT_TRUE(decode_head(record)->body.empty());
  std::string body;
  for (std::uint8_t number = 1; number <= 3; ++number) {
    std::string scratch;
    const auto bytes = joined(encode_segment(*object, number, 42, scratch));
    const auto segment = decode_segment(bytes, 42);
    ASSERT_TRUE(segment);
    EXPECT_FALSE(decode_segment(bytes, 43)) << "of another write";
    body += *segment;
  }
  EXPECT_EQ(body, test::body_of(*object));
}

TEST(disk_record, a_torn_or_padded_record_is_nothing) {
  const auto record = head_of(*make_object("example.com/a", 100), 1);
  for (std::size_t cut = 0; cut < record.size(); ++cut)
    EXPECT_FALSE(decode_head(record.substr(0, cut))) << cut;
  EXPECT_FALSE(decode_head(record + "x"));
}

TEST(disk_record, flipped_bits_never_reach_beyond_the_record) {
  const auto record = head_of(*make_object("example.com/a", 100), 1);
  random_source random(5);
  for (int i = 0; i < 20'000; ++i) {
    auto bytes = record;
    for (auto flips = 1 + random.below(4); flips > 0; --flips)
      bytes[random.below(48)] ^= static_cast<char>(1u << random.below(8));
    const auto head = decode_head(bytes);
    if (!head) continue;
    for (const auto part : {head->key_text, head->meta, head->body})
      if (!part.empty()) {
        EXPECT_GE(part.data(), bytes.data());
        EXPECT_LE(part.data() + part.size(), bytes.data() + bytes.size());
      }
  }
}
