// Ranges of bytes and what they come to (RFC 9110 14).
#include "net/http/byte_range.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

std::string ask(std::string_view range, std::uint64_t size = 1000) {
  const auto chosen = choose_range(range, size);
  return chosen.kind == range_kind::whole ? "whole" : content_range(chosen, size);
}

TEST(byte_range, a_single_range_is_a_part) {
  EXPECT_EQ(ask("bytes=0-0"), "bytes 0-0/1000");
  EXPECT_EQ(ask("bytes=0-499"), "bytes 0-499/1000");
  EXPECT_EQ(ask("bytes=500-"), "bytes 500-999/1000");
  EXPECT_EQ(ask("bytes=-1"), "bytes 999-999/1000");
  EXPECT_EQ(ask("Bytes= 0-4 "), "bytes 0-4/1000");
}

TEST(byte_range, what_goes_beyond_the_end_is_cut_off) {
  EXPECT_EQ(ask("bytes=999-5000"), "bytes 999-999/1000");
  EXPECT_EQ(ask("bytes=-5000"), "bytes 0-999/1000");
  EXPECT_EQ(ask("bytes=1-99999999999999999999999"), "bytes 1-999/1000");
}

TEST(byte_range, what_begins_beyond_the_end_is_unsatisfiable) {
  EXPECT_EQ(ask("bytes=1000-"), "bytes */1000");
  EXPECT_EQ(ask("bytes=99999999999999999999999-"), "bytes */1000");
  EXPECT_EQ(ask("bytes=-0"), "bytes */1000");
  EXPECT_EQ(ask("bytes=0-", 0), "bytes */0");
  EXPECT_EQ(ask("bytes=-5", 0), "whole");
}

TEST(byte_range, what_is_not_understood_is_ignored) {
  for (const auto* other :
       {"", "bytes", "bytes=", "bytes=-", "bytes=a-b", "bytes=5-4", "bytes=1", "bytes=+1-2",
        "bytes=1--2", "bytes=0x1-2", "items=0-1", "bytes 0-1", "bytes=0 - 1"})
    EXPECT_EQ(ask(other), "whole") << other;
}

TEST(byte_range, several_ranges_are_answered_with_the_whole) {
  EXPECT_EQ(ask("bytes=0-1,2-3"), "whole");
  EXPECT_EQ(ask("bytes=0-,0-,0-"), "whole");
  EXPECT_EQ(ask("bytes=-1,-2"), "whole");
}

std::string ask_several(std::string_view range, std::uint64_t size = 10'000) {
  const auto got = choose_ranges(range, size);
  if (got.kind == range_kind::whole) return "whole";
  if (got.kind == range_kind::unsatisfiable) return "unsatisfiable";
  std::string text;
  for (const auto& part : got.parts)
    text += std::to_string(part.first) + "+" + std::to_string(part.length) + " ";
  return text;
}

TEST(byte_range, several_parts_keep_the_clients_order) {
  EXPECT_EQ(ask_several("bytes=5000-5009, 0-9,,-5"), "5000+10 0+10 9995+5 ");
  EXPECT_EQ(ask_several("bytes=7-7"), "7+1 ");
}

TEST(byte_range, parts_that_overlap_or_lie_close_become_one) {
  EXPECT_EQ(ask_several("bytes=100-199,150-299"), "100+200 ");
  EXPECT_EQ(ask_several("bytes=100-199,0-9"), "0+200 ");
  EXPECT_EQ(ask_several("bytes=5000-,0-9,4000-6000"), "0+10 4000+6000 ");
  EXPECT_EQ(ask_several("bytes=0-,0-,0-,0-"), "0+10000 ");
  EXPECT_EQ(ask_several("bytes=0-99,10-19"), "0+100 ");
}

TEST(byte_range, parts_beyond_the_end_are_left_out_unless_there_is_no_other) {
  EXPECT_EQ(ask_several("bytes=10000-,0-9"), "0+10 ");
  EXPECT_EQ(ask_several("bytes=10000-,20000-30000"), "unsatisfiable");
}

TEST(byte_range, one_bad_spec_or_too_many_make_it_the_whole) {
  EXPECT_EQ(ask_several("bytes=0-9,x"), "whole");
  EXPECT_EQ(ask_several("bytes=,"), "whole");
  EXPECT_EQ(ask_several("lines=0-9,20-29"), "whole");
  std::string many = "bytes=0-0";
  for (std::size_t i = 1; i < range_parts_max; ++i)
    many += "," + std::to_string(i * 500) + "-" + std::to_string(i * 500);
  EXPECT_NE(ask_several(many), "whole");
  EXPECT_EQ(ask_several(many + ",9999-9999"), "whole");
}

} // namespace
} // namespace weir::net
