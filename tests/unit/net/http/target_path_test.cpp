// Paths as routes see them, and paths that are refused because they could be read in two ways (RFC
// 3986 5.2.4, 6.2.2).
#include "net/http/target_path.hpp"

#include <gtest/gtest.h>
#include <string>

namespace weir::net {
namespace {

std::string normal(std::string_view raw) {
  std::string scratch;
  const auto result = normalize_path(raw, scratch);
  EXPECT_EQ(name_of(result.error), "none") << raw;
  return std::string{result.path};
}

std::string_view refusal(std::string_view raw) {
  std::string scratch;
  return name_of(normalize_path(raw, scratch).error);
}

TEST(target_path, a_clean_path_is_a_view_of_the_input) {
  std::string scratch;
  for (const std::string_view clean :
       {"/", "/a/b", "/a/b/", "/a.b/c..d/~e", "/a;b=c/@!$&'()*+,=:", "*"}) {
    const auto result = normalize_path(clean, scratch);
    EXPECT_EQ(result.path.data(), clean.data());
    EXPECT_EQ(result.path.size(), clean.size());
  }
  EXPECT_TRUE(scratch.empty());
}

TEST(target_path, percent_encodings_are_decoded_once) {
  EXPECT_EQ(normal("/a%20b/%c3%A4"), "/a b/\xc3\xa4");
  EXPECT_EQ(normal("/%61dmin"), "/admin");
  EXPECT_EQ(normal("/%2561"), "/%61");
  EXPECT_EQ(normal("/%252e%252e/a"), "/%2e%2e/a");
  EXPECT_EQ(normal("/%3f%23"), "/?#");
}

TEST(target_path, dot_segments_are_resolved) {
  EXPECT_EQ(normal("/a/./b"), "/a/b");
  EXPECT_EQ(normal("/a/b/../c"), "/a/c");
  EXPECT_EQ(normal("/a/b/.."), "/a/");
  EXPECT_EQ(normal("/a/.."), "/");
  EXPECT_EQ(normal("/a/."), "/a/");
  EXPECT_EQ(normal("/."), "/");
  EXPECT_EQ(normal("/a/%2e%2E/b"), "/b");
  EXPECT_EQ(normal("/a/.%2e/b"), "/b");
  EXPECT_EQ(normal("/.hidden/..a/..."), "/.hidden/..a/...");
}

TEST(target_path, slashes_are_merged) {
  EXPECT_EQ(normal("//"), "/");
  EXPECT_EQ(normal("//a///b//"), "/a/b/");
}

TEST(target_path, above_the_root_there_is_nothing) {
  for (const auto* path : {"/..", "/../a", "/a/../..", "/a/../../b", "/%2e%2e/a", "/./.."})
    EXPECT_EQ(refusal(path), "above_root") << path;
}

TEST(target_path, encoded_separators_are_refused_wherever_they_are) {
  for (const auto* path :
       {"/a%2fb", "/a%2Fb", "/a%5cb", "/a%5Cb", "/a\\b", "/..%2fa", "/%2e%2e%5c", "/a/..\\b"})
    EXPECT_EQ(refusal(path), "encoded_separator") << path;
}

TEST(target_path, nul_is_refused) {
  EXPECT_EQ(refusal("/a%00.png"), "encoded_nul");
}

TEST(target_path, broken_encodings_are_refused) {
  for (const auto* path : {"/%", "/a%2", "/%zz", "/%2", "/a%/b", "/%u0041", "/% 1"})
    EXPECT_EQ(refusal(path), "bad_encoding") << path;
}

TEST(target_path, dots_that_servers_read_differently_are_refused) {
  for (const auto* path :
       {"/a//../b", "/a//b/../c", "//../a", "/a/..;/b", "/a/..;x=1/b", "/.;/a", "/%2e%2e;/a"})
    EXPECT_EQ(refusal(path), "ambiguous_dots") << path;
}

TEST(target_path, a_path_begins_with_a_slash) {
  for (const auto* path : {"", "a", "./a", "?"})
    EXPECT_EQ(refusal(path), "not_absolute") << path;
}

TEST(target_path, the_scratch_string_is_used_again) {
  std::string scratch;
  EXPECT_EQ(normalize_path("/a%20b", scratch).path, "/a b");
  EXPECT_EQ(normalize_path("/%63", scratch).path, "/c");
}

} // namespace
} // namespace weir::net
