// A frame header survives, and what is not one is refused by name.
#include "cluster/frame.hpp"

#include "cluster/errc.hpp"

#include <gtest/gtest.h>

using namespace weir::cluster;

TEST(frame, header_and_payload_survive) {
  std::string bytes;
  append_header(bytes, {7, protocol_version, 0x0102030405060708});
  ASSERT_EQ(bytes.size(), frame_header_bytes);
  bytes += "payload";
  const auto parsed = parse_frame(bytes).value();
  EXPECT_EQ(parsed.header, (frame_header{7, protocol_version, 0x0102030405060708}));
  EXPECT_EQ(parsed.payload, "payload");
}

TEST(frame, anything_shorter_than_a_header_is_truncated) {
  std::string bytes;
  append_header(bytes, {});
  for (std::size_t size = 0; size < frame_header_bytes; ++size)
    EXPECT_EQ(parse_frame(std::string_view(bytes).substr(0, size)).error(), errc::truncated)
        << size;
}

TEST(frame, only_this_protocol_version_and_the_one_before_are_read) {
  auto with_version = [](int version) {
    std::string bytes;
    append_header(bytes, {1, static_cast<std::uint16_t>(version), 1});
    return parse_frame(bytes).has_value();
  };
  EXPECT_TRUE(with_version(protocol_version));
  EXPECT_EQ(with_version(protocol_version - 1), protocol_version > 1)
      << "there never was a version 0";
  EXPECT_FALSE(with_version(protocol_version - 2));
  EXPECT_FALSE(with_version(protocol_version + 1));
  EXPECT_FALSE(with_version(0));
}
