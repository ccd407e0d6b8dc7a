// Bodies are collected in blocks that lose nothing and waste little; an object knows its cost.
#include "base/stored_object.hpp"

#include <gtest/gtest.h>

#include <numeric>

using namespace weir;

namespace {

std::string text_of(std::size_t bytes) {
  std::string out(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i)
    out[i] = static_cast<char>('a' + i * 7 % 26);
  return out;
}

std::string joined(const std::vector<shared_bytes>& blocks) {
  std::string out;
  for (const auto& block : blocks)
    out += block.view();
  return out;
}

} // namespace

TEST(body_collector, keeps_every_byte_whatever_the_pieces) {
  const auto whole = text_of(300'000);
  for (const std::size_t piece :
       {std::size_t{1000}, std::size_t{4096}, std::size_t{65'537}, whole.size()})
    for (const std::uint64_t expected : {std::uint64_t{0}, std::uint64_t{10},
                                         std::uint64_t{whole.size()}, std::uint64_t{1} << 40}) {
      body_collector collector(expected);
      for (std::size_t at = 0; at < whole.size(); at += piece)
        collector.append(std::string_view(whole).substr(at, piece));
      EXPECT_EQ(collector.bytes(), whole.size());
      const auto blocks = collector.take();
      EXPECT_EQ(joined(blocks), whole);
      for (const auto& block : blocks)
        EXPECT_LE(block.size(), body_block_max);
      EXPECT_LE(blocks.size(), 12u) << "pieces of " << piece << ", expected " << expected;
    }
}

TEST(body_collector, an_empty_body_has_no_blocks) {
  body_collector collector(100);
  collector.append("");
  EXPECT_TRUE(collector.take().empty());
}

TEST(body_collector, begins_anew_after_take) {
  body_collector collector;
  collector.append("first");
  const auto first = collector.take();
  collector.append("second");
  EXPECT_EQ(joined(first), "first");
  EXPECT_EQ(joined(collector.take()), "second");
}

TEST(shared_bytes, outlive_what_they_were_cut_from) {
  auto blocks = blocks_of(text_of(body_block_max * 2 + 1));
  ASSERT_EQ(blocks.size(), 3u);
  const auto last = blocks[2];
  blocks.clear();
  EXPECT_EQ(last.view(), text_of(body_block_max * 2 + 1).substr(body_block_max * 2));
  EXPECT_TRUE(blocks_of("").empty());
}

TEST(stored_object, charges_all_it_holds) {
  const stored_object small({.key = {1, 2}, .key_text = "k", .meta = "m"});
  const stored_object large({.key = {1, 2},
                             .key_text = std::string(1000, 'k'),
                             .meta = std::string(2000, 'm'),
                             .body = blocks_of(text_of(100'000))});
  EXPECT_EQ(large.body_bytes(), 100'000u);
  EXPECT_GE(small.charge(), stored_object::overhead);
  EXPECT_GE(large.charge(), small.charge() + 102'998u);
}
