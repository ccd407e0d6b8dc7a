// PCRE2 with limits.
#include "net/route/route_regex.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace weir::net {
namespace {

route_regex compiled(const std::string& pattern) {
  std::string error;
  auto regex = route_regex::compile(pattern, error);
  EXPECT_TRUE(regex) << error;
  return std::move(*regex);
}

std::string error_of(const std::string& pattern) {
  std::string error;
  EXPECT_FALSE(route_regex::compile(pattern, error));
  return error;
}

TEST(route_regex, captures_by_name_and_number) {
  const auto regex = compiled("^/v([0-9]+)/(?<rest>.*)$");
  EXPECT_EQ(regex.groups(), 2u);
  EXPECT_EQ(regex.group("rest"), 2u);
  EXPECT_EQ(regex.group("other"), 0u);
  regex_captures captures;
  ASSERT_EQ(regex.match("/v12/a/b", captures), regex_outcome::match);
  EXPECT_EQ(captures[0], "/v12/a/b");
  EXPECT_EQ(captures[1], "12");
  EXPECT_EQ(captures[2], "a/b");
  EXPECT_EQ(captures[3], "");
  EXPECT_EQ(regex.match("/w12/a", captures), regex_outcome::no_match);
}

TEST(route_regex, a_group_that_took_no_part_is_empty) {
  const auto regex = compiled("^/(a)?(b)$");
  regex_captures captures;
  ASSERT_EQ(regex.match("/b", captures), regex_outcome::match);
  EXPECT_EQ(captures[1], "");
  EXPECT_EQ(captures[2], "b");
}

TEST(route_regex, the_end_is_the_very_end) {
  const auto regex = compiled("^/a$");
  regex_captures captures;
  EXPECT_EQ(regex.match("/a\n", captures), regex_outcome::no_match);
}

TEST(route_regex, bytes_need_not_be_utf8) {
  const auto regex = compiled("^/(.*)$");
  regex_captures captures;
  ASSERT_EQ(regex.match("/\xff\xfe", captures), regex_outcome::match);
  EXPECT_EQ(captures[1], "\xff\xfe");
}

TEST(route_regex, a_bad_pattern_is_explained_with_its_offset) {
  EXPECT_NE(error_of("^/(a").find("at offset 4"), std::string::npos) << error_of("^/(a");
  EXPECT_NE(error_of("(*UTF)/a"), "");
  std::string many = "^";
  for (int i = 0; i < 32; ++i)
    many += "(a)";
  EXPECT_NE(error_of(many).find("32 groups"), std::string::npos);
}

TEST(route_regex, a_runaway_match_ends_at_its_limit) {
  const auto regex = compiled("^/(a+)+$");
  regex_captures captures;
  EXPECT_EQ(regex.match("/" + std::string(8000, 'a') + "!", captures), regex_outcome::limit);
}

TEST(route_regex, recursion_ends_at_its_limit) {
  const auto regex = compiled("^/((?:a|(?1))*b)+$");
  regex_captures captures;
  EXPECT_NE(regex.match("/" + std::string(8000, 'a'), captures), regex_outcome::match);
}

TEST(route_regex, ordinary_patterns_stay_below_the_limit_on_the_longest_path) {
  const std::string path = "/" + std::string(8000, 'a') + "/b.php";
  regex_captures captures;
  for (const char* pattern :
       {"\\.php$", "^/.*\\.php$", "^/([^/]+)/([^/]+)$", "^/[a-z]+/.*$", "(?i)\\.(png|php)$"})
    EXPECT_EQ(compiled(pattern).match(path, captures), regex_outcome::match) << pattern;
}

TEST(route_regex, threads_match_the_same_pattern_at_once) {
  const auto regex = compiled("^/(\\w+)/(\\w+)$");
  auto run = [&regex](std::string first) {
    regex_captures captures;
    const std::string path = "/" + first + "/x";
    for (int i = 0; i < 1000; ++i) {
      ASSERT_EQ(regex.match(path, captures), regex_outcome::match);
      ASSERT_EQ(captures[1], first);
    }
  };
  std::thread other(run, "other");
  run("this");
  other.join();
}

} // namespace
} // namespace weir::net
