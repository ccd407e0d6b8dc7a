// Templates of targets and Locations, and what captured text may do there.
#include "net/route/uri_template.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

constexpr auto pattern = "^/(?<rest>.*)$";

struct fixture {
  std::string error;
  std::optional<route_regex> regex = route_regex::compile(pattern, error);

  std::optional<uri_template> parse(std::string_view text, template_use use) {
    return uri_template::parse(text, use, &*regex, error);
  }
  std::string expand(std::string_view text, std::string_view path,
                     template_use use = template_use::redirect, const char* query = nullptr) {
    const auto parsed = parse(text, use);
    if (!parsed) return "error: " + error;
    regex_captures captures;
    EXPECT_EQ(regex->match(path, captures), regex_outcome::match);
    const auto rest = path.substr(1);
    return parsed->expand({captures, "example.com", path, rest}, query, query ? query : "");
  }
};

TEST(uri_template, names_numbers_and_dollars) {
  fixture f;
  EXPECT_EQ(f.expand("/api/$rest", "/a/b"), "/api/a/b");
  EXPECT_EQ(f.expand("/$1/$$1", "/a"), "/a/$1");
  EXPECT_EQ(f.expand("/x-$1-y", "/a"), "/x-a-y");
  EXPECT_EQ(f.expand("$path", "/a/b"), "/a/b");
  EXPECT_EQ(f.expand("https://$host$path", "/a"), "https://example.com/a");
  EXPECT_EQ(f.expand("https://new.example/$1", "/a"), "https://new.example/a");
}

TEST(uri_template, the_query_follows) {
  fixture f;
  using enum template_use;
  EXPECT_EQ(f.expand("/x", "/a", rewrite, "q=1"), "/x?q=1");
  EXPECT_EQ(f.expand("/x?from=$1", "/a", rewrite, "q=1"), "/x?from=a&q=1");
  EXPECT_EQ(f.expand("/x?from=$1", "/a", rewrite), "/x?from=a");
  EXPECT_EQ(f.expand("/x?", "/a", rewrite, "q=1"), "/x");
  EXPECT_EQ(f.expand("/x#top", "/a", redirect, "q=1"), "/x#top");
  EXPECT_EQ(f.expand("/$1", "/a b", file_path, "q=1"), "/a b");
}

TEST(uri_template, captured_text_cannot_add_a_line_or_a_query) {
  fixture f;
  EXPECT_EQ(f.expand("/x/$1", "/a\r\nSet-Cookie: b"), "/x/a%0D%0ASet-Cookie:%20b");
  EXPECT_EQ(f.expand("/x/$1", "/a?b=c#d%"), "/x/a%3Fb=c%23d%25");
  EXPECT_EQ(f.expand("/x?v=$1", "/a&b=c+d"), "/x?v=a%26b%3Dc%2Bd");
  EXPECT_EQ(f.expand("/x/$1", "/\xc3\xbc"), "/x/%C3%BC");
}

TEST(uri_template, captured_text_cannot_name_another_host) {
  fixture f;
  EXPECT_EQ(f.expand("/$1", "//evil.example"), "/evil.example");
  EXPECT_EQ(f.expand("$path", "///evil.example"), "/evil.example");
  EXPECT_EQ(f.expand("/$1", "/\\evil.example"), "/%5Cevil.example");
  EXPECT_EQ(f.expand("https://example.com$1", "/x").substr(0, 6), "error:");
  EXPECT_EQ(f.expand("https://$1.example.com/", "/x").substr(0, 6), "error:");
  EXPECT_EQ(f.expand("https://$1", "/x").substr(0, 6), "error:");
}

TEST(uri_template, mistakes_are_found_when_compiling) {
  fixture f;
  using enum template_use;
  EXPECT_FALSE(f.parse("/x/$nobody", rewrite));
  EXPECT_NE(f.error.find("$nobody"), std::string::npos);
  EXPECT_FALSE(f.parse("/x/$2", rewrite));
  EXPECT_FALSE(f.parse("/x/$", rewrite));
  EXPECT_FALSE(f.parse("x", rewrite));
  EXPECT_FALSE(f.parse("https://example.com/", rewrite));
  EXPECT_FALSE(f.parse("ftp://example.com/", redirect));
  EXPECT_FALSE(f.parse("https://", redirect));
  EXPECT_FALSE(f.parse("/x#y", rewrite));
  EXPECT_FALSE(f.parse("", redirect));
  EXPECT_FALSE(uri_template::parse("/$1", rewrite, nullptr, f.error));
}

TEST(uri_template, literal_text_is_made_safe_once) {
  fixture f;
  EXPECT_EQ(f.expand("/a b/\xc3\xbc/%20", "/"), "/a%20b/%C3%BC/%20");
}

} // namespace
} // namespace weir::net
