// Which coding a client gets for what it says (RFC 9110 12.5.3).
#include "net/http/accept_encoding.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace weir::net {
namespace {

constexpr std::array all = {content_coding::br, content_coding::zstd, content_coding::gzip};

std::string chosen(std::initializer_list<std::string_view> lines,
                   std::span<const content_coding> offered = all) {
  message_head head;
  for (const auto line : lines)
    head.fields.push_back({"Accept-Encoding", line, field_id::accept_encoding});
  const auto coding = choose_coding(read_accept_encoding(head), offered);
  return coding ? std::string(name_of(*coding)) : "identity";
}

TEST(accept_encoding, who_says_nothing_gets_it_as_it_is) {
  EXPECT_EQ(chosen({}), "identity");
  EXPECT_EQ(chosen({""}), "identity");
  EXPECT_EQ(chosen({"compress, deflate"}), "identity");
}

TEST(accept_encoding, the_highest_weight_wins_and_our_order_decides_among_equals) {
  EXPECT_EQ(chosen({"gzip, deflate, br, zstd"}), "br");
  EXPECT_EQ(chosen({"gzip, br"}, std::array{content_coding::gzip, content_coding::br}), "gzip");
  EXPECT_EQ(chosen({"br;q=0.5, gzip;q=0.9"}), "gzip");
  EXPECT_EQ(chosen({"br;q=0.501, zstd;q=0.502"}), "zstd");
  EXPECT_EQ(chosen({"gzip"}, std::array{content_coding::br}), "identity");
}

TEST(accept_encoding, names_have_no_case_and_lines_add_up) {
  EXPECT_EQ(chosen({"GZIP"}), "gzip");
  EXPECT_EQ(chosen({"x-gzip"}), "gzip");
  EXPECT_EQ(chosen({"gzip;q=0.1", "BR ; Q=0.2"}), "br");
  EXPECT_EQ(chosen({" gzip\t;\tq=1.000 , identity;q=0.5"}), "gzip");
}

TEST(accept_encoding, zero_forbids) {
  EXPECT_EQ(chosen({"br;q=0, gzip"}), "gzip");
  EXPECT_EQ(chosen({"gzip;q=0"}), "identity");
  EXPECT_EQ(chosen({"gzip;q=0.000, *"}), "br");
  EXPECT_EQ(chosen({"*;q=0"}), "identity"); // it is all there is
}

TEST(accept_encoding, the_wildcard_is_every_coding_not_named) {
  EXPECT_EQ(chosen({"*"}), "br");
  EXPECT_EQ(chosen({"br;q=0.1, *;q=0.5"}), "zstd");
  EXPECT_EQ(chosen({"gzip;q=0.8, *;q=0"}), "gzip");
}

TEST(accept_encoding, identity_may_be_liked_better) {
  EXPECT_EQ(chosen({"identity;q=1, gzip;q=0.5"}), "identity");
  EXPECT_EQ(chosen({"identity;q=0.5, gzip;q=0.5"}), "gzip");
  EXPECT_EQ(chosen({"identity;q=0, gzip;q=0.001"}), "gzip");
  EXPECT_EQ(chosen({"gzip;q=0.001"}), "gzip");
}

TEST(accept_encoding, what_does_not_parse_is_passed_over) {
  for (const auto* bad : {"gzip;q=2", "gzip;q=-1", "gzip;q=0.0001", "gzip;q=1.001", "gzip;q=1.1",
                          "gzip;q=", "gzip;q=a", "gzip;level=9", "gzip;;q=1", "gzip;q=.5", ",,;"})
    EXPECT_EQ(chosen({bad}), "identity") << bad;
  EXPECT_EQ(chosen({"gzip;q=nan, br;q=0.3"}), "br");
}

} // namespace
} // namespace weir::net
