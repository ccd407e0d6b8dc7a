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

} // namespace
} // namespace weir::net
