// The ASCII helpers: what is equal, what is close, what is a token.
#include "base/text.hpp"

#include <array>
#include <gtest/gtest.h>

namespace weir {
namespace {

using namespace std::string_view_literals;

TEST(text, case_is_ignored_for_ascii_letters_only) {
  EXPECT_TRUE(iequals("Content-Length", "content-length"));
  EXPECT_FALSE(iequals("a", "ab"));
  EXPECT_FALSE(iequals("[", "{"));
  EXPECT_EQ(to_lower("ÄBC"), "Äbc");
}

TEST(text, trim_takes_blanks_and_tabs_from_both_ends) {
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(text, split_keeps_empty_parts) {
  EXPECT_EQ(split("a,,b,", ','), (std::vector<std::string_view>{"a", "", "b", ""}));
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
}

TEST(text, edit_distance_counts_a_swap_of_neighbours_once) {
  EXPECT_EQ(edit_distance("worker", "workers", 3), 1u);
  EXPECT_EQ(edit_distance("hsot", "host", 3), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting", 5), 3u);
  EXPECT_EQ(edit_distance("abc", "xyz", 1), 2u) << "capped at limit + 1";
  EXPECT_EQ(edit_distance("", "ab", 5), 2u);
  EXPECT_EQ(edit_distance(std::string(65, 'a'), "a", 3), 4u);
}

TEST(text, closest_names_what_was_likely_meant_and_nothing_else) {
  constexpr std::array names = {"hosts"sv, "https"sv, "hsts"sv, "routes"sv};
  EXPECT_EQ(closest("host", names), "hosts");
  EXPECT_EQ(closest("ROUTES", names), "routes");
  EXPECT_EQ(closest("route", names), "routes");
  EXPECT_EQ(closest("upstream", names), std::nullopt);
  EXPECT_EQ(closest("x", names), std::nullopt);
}

TEST(text, invalid_utf8_is_found_where_it_starts) {
  EXPECT_EQ(find_invalid_utf8("plain é € 😀"), std::nullopt);
  EXPECT_EQ(find_invalid_utf8("ab\xff"), 2u);
  EXPECT_EQ(find_invalid_utf8("\xc0\xaf"), 0u) << "overlong";
  EXPECT_EQ(find_invalid_utf8("\xed\xa0\x80"), 0u) << "surrogate";
  EXPECT_EQ(find_invalid_utf8("\xf4\x90\x80\x80"), 0u) << "above U+10FFFF";
  EXPECT_EQ(find_invalid_utf8("a\xe2\x82"), 1u) << "cut short";
}

TEST(text, tokens_and_field_values_hold_no_line_breaks) {
  EXPECT_TRUE(is_token("X-Frame-Options"));
  EXPECT_TRUE(is_token("M-SEARCH"));
  for (const auto bad : {""sv, "a b"sv, "a:b"sv, "a\r"sv, "é"sv, "a(b)"sv})
    EXPECT_FALSE(is_token(bad)) << bad;
  EXPECT_TRUE(is_field_value("max-age=3600,\tpublic"));
  EXPECT_FALSE(is_field_value("a\r\nSet-Cookie: x"));
  EXPECT_FALSE(is_field_value("a\0b"sv));
}

} // namespace
} // namespace weir
