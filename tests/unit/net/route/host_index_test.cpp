// Hosts to sites.
#include "net/route/host_index.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

std::string comparable(std::string_view text) {
  const auto host = host_name::parse(text);
  return host ? std::string(host->view()) : "(none)";
}

TEST(host_name, case_port_and_trailing_dot_do_not_matter) {
  EXPECT_EQ(comparable("Example.COM"), "example.com");
  EXPECT_EQ(comparable("example.com:8443"), "example.com");
  EXPECT_EQ(comparable("example.com."), "example.com");
  EXPECT_EQ(comparable("example.com.:80"), "example.com");
  EXPECT_EQ(comparable("example.com:"), "example.com");
  EXPECT_EQ(comparable("127.0.0.1:80"), "127.0.0.1");
}

TEST(host_name, an_ipv6_literal_keeps_its_brackets) {
  EXPECT_EQ(comparable("[2001:DB8::1]:443"), "[2001:db8::1]");
  EXPECT_EQ(comparable("[::1]"), "[::1]");
}

TEST(host_name, what_is_no_host_is_none) {
  for (const char* text : {"", ".", ":80", "a b", "a/b", "a\r\nb", "[::1", "a:b", "a@b", "::1",
                           "[::1]x", "a:80:80", "\xc3\xbc"})
    EXPECT_EQ(comparable(text), "(none)") << text;
  EXPECT_EQ(comparable(std::string(256, 'a')), "(none)");
  EXPECT_EQ(comparable(std::string(255, 'a')), std::string(255, 'a'));
}

TEST(host_index, exact_beats_wildcard_and_the_longest_wildcard_wins) {
  host_index hosts;
  ASSERT_TRUE(hosts.add("*", 0));
  ASSERT_TRUE(hosts.add("*.example.com", 1));
  ASSERT_TRUE(hosts.add("*.shop.example.com", 2));
  ASSERT_TRUE(hosts.add("a.shop.example.com", 3));
  EXPECT_EQ(hosts.find("a.shop.example.com"), 3u);
  EXPECT_EQ(hosts.find("b.shop.example.com"), 2u);
  EXPECT_EQ(hosts.find("x.y.shop.example.com"), 2u);
  EXPECT_EQ(hosts.find("shop.example.com"), 1u);
  EXPECT_EQ(hosts.find("example.com"), 0u);
  EXPECT_EQ(hosts.find("notexample.com"), 0u);
  EXPECT_EQ(hosts.find(".example.com"), 0u);
}

TEST(host_index, the_pattern_that_matched_is_known) {
  host_index hosts;
  ASSERT_TRUE(hosts.add("*", 0));
  ASSERT_TRUE(hosts.add("*.example.com", 1));
  ASSERT_TRUE(hosts.add("a.example.com", 2));
  EXPECT_EQ(hosts.match("a.example.com")->pattern(), "a.example.com");
  EXPECT_EQ(hosts.match("b.example.com")->pattern(), "*.example.com");
  EXPECT_EQ(hosts.match("example.org")->pattern(), "*");
  EXPECT_EQ(hosts.match("example.org")->site, 0u);
}

TEST(host_index, without_a_catch_all_an_unknown_host_is_nowhere) {
  host_index hosts;
  ASSERT_TRUE(hosts.add("example.com", 0));
  EXPECT_EQ(hosts.find("example.org"), std::nullopt);
  EXPECT_EQ(hosts.find(""), std::nullopt);
}

TEST(host_index, a_pattern_is_taken_once) {
  host_index hosts;
  for (const char* pattern : {"*", "*.a", "a"}) {
    EXPECT_TRUE(hosts.add(pattern, 0));
    EXPECT_FALSE(hosts.add(pattern, 1));
  }
}

} // namespace
} // namespace weir::net
