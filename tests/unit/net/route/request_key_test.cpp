// Keys of requests: what a template stands for, and what is no key at all.
#include "net/route/request_key.hpp"

#include "net/http/parser.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

std::uint64_t key_of(const std::string& text, const std::string& lines,
                     const std::string& client = "192.0.2.1", const std::string& target = "/a") {
  const auto parsed = config::parse_key_template(text);
  EXPECT_EQ(parsed.problem, "");
  const auto bytes = "GET " + target + " HTTP/1.1\r\nHost: a.example:80\r\n" + lines + "\r\n";
  request_head head;
  std::size_t scanned = 0;
  EXPECT_EQ(parse_request(bytes, {}, scanned, head).status, parse_status::complete);
  return request_key(parsed.parts).of({head, head.path, *ip_address::parse(client)});
}

TEST(request_key, a_cookie_a_field_and_a_parameter) {
  const auto key = key_of("$cookie_user", "Cookie: a=1; user=mia; b=2\r\n");
  EXPECT_EQ(key, key_of("$cookie_user", "Cookie: x=1\r\nCookie: user=mia\r\n"));
  EXPECT_NE(key, key_of("$cookie_user", "Cookie: user=tom\r\n"));
  EXPECT_EQ(key_of("$header_x_user", "X-User: mia\r\n"),
            key_of("$header_X-User", "x-user: mia\r\n"));
  EXPECT_EQ(key_of("$query_id", "", "::1", "/a?x=1&id=7"),
            key_of("$query_id", "", "::1", "/b?id=7"));
}

TEST(request_key, what_is_not_there_is_no_key) {
  EXPECT_EQ(key_of("$cookie_user", ""), 0u);
  EXPECT_EQ(key_of("$cookie_user", "Cookie: user=\r\n"), 0u);
  EXPECT_EQ(key_of("user:$cookie_user", "Cookie: users=1\r\n"), 0u);
  EXPECT_EQ(key_of("$query_id", "", "::1", "/a?idx=7"), 0u);
}

TEST(request_key, an_ipv6_client_is_its_network) {
  EXPECT_EQ(key_of("$ip", "", "2001:db8::1"), key_of("$ip", "", "2001:db8::ffff:1"));
  EXPECT_NE(key_of("$ip", "", "2001:db8::1"), key_of("$ip", "", "2001:db8:0:1::1"));
  EXPECT_NE(key_of("$ip", "", "192.0.2.1"), key_of("$ip", "", "192.0.2.2"));
}

TEST(request_key, parts_do_not_run_into_each_other) {
  EXPECT_NE(key_of("$cookie_a$cookie_b", "Cookie: a=1; b=23\r\n"),
            key_of("$cookie_a$cookie_b", "Cookie: a=12; b=3\r\n"));
}

TEST(request_key, hosts_have_no_case_and_paths_have) {
  EXPECT_EQ(key_of("$host", ""), key_of("$host", "", "::1", "http://A.EXAMPLE/a"));
  EXPECT_NE(key_of("$path", "", "::1", "/a"), key_of("$path", "", "::1", "/A"));
}

TEST(key_template, says_what_is_wrong) {
  EXPECT_EQ(config::parse_key_template("$cookie_a-b-$ip").parts[0].name, "a-b");
  EXPECT_EQ(config::parse_key_template("$$$ip").parts[0].name, "$");
  for (const char* wrong : {"", "user", "$cookie_", "$", "$uri", "$cookie", "$ip$"})
    EXPECT_NE(config::parse_key_template(wrong).problem, "") << wrong;
}

} // namespace
} // namespace weir::net
