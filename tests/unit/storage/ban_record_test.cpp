// Bans as bytes, and bytes that are none.
#include "storage/ban_record.hpp"

#include <gtest/gtest.h>

namespace weir::storage {
namespace {

TEST(ban_record, comes_back_as_it_was_written) {
  ban_record record;
  record.network.address[15] = 7;
  record.network.prefix_bits = 120;
  record.since_ms = 1'795'000'000'123;
  record.until_ms = 1'795'003'600'000;
  record.automatic = true;
  record.reason = "20 refusals within 1min, the last by login";
  EXPECT_EQ(decode_ban(encode_network(record.network), encode_ban(record)), record);
  record.reason.clear();
  record.automatic = false;
  EXPECT_EQ(decode_ban(encode_network(record.network), encode_ban(record)), record);
}

TEST(ban_record, what_is_cut_or_impossible_is_no_ban) {
  const ban_record record;
  const auto network = encode_network(record.network);
  const auto value = encode_ban(record);
  for (std::size_t size = 0; size < value.size(); ++size)
    EXPECT_FALSE(decode_ban(network, value.substr(0, size)));
  EXPECT_FALSE(decode_ban(network.substr(1), value));
  EXPECT_FALSE(decode_ban(network + "x", value));
  auto wide = network;
  wide.back() = static_cast<char>(129);
  EXPECT_FALSE(decode_ban(wide, value));
}

} // namespace
} // namespace weir::storage
