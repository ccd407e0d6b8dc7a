// Cookies of servers: the same everywhere, nobody else's, and not in answers that others may get.
#include "net/upstream/sticky_cookies.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

std::shared_ptr<server_table> servers_of(std::vector<std::uint16_t> ports) {
  config::upstream_settings settings;
  settings.name = "api";
  for (const auto port : ports)
    settings.servers.push_back({{.host = "10.0.0.1", .port = port, .unix_path = {}}, 1});
  return server_table::create(settings);
}

std::string value_in(std::string_view line) {
  const auto begin = line.find('=') + 1;
  return std::string(line.substr(begin, line.find(';') - begin));
}

request_head with_cookie(std::string_view value) {
  request_head head;
  head.fields.push_back({"Cookie", value, field_id::cookie});
  return head;
}

TEST(sticky_cookies, name_their_server_whatever_stands_around_them) {
  const sticky_cookies made({.cookie = "r", .ttl = {}}, *servers_of({1, 2, 3}), "secret");
  for (server_index i = 0; i < 3; ++i) {
    const auto value = value_in(made.line(i, false));
    const auto field = "a=1; r=" + value + " ; b=2";
    EXPECT_EQ(made.server_of(with_cookie(field)), i);
    const auto twice = "r=old; r=" + value;
    EXPECT_EQ(made.server_of(with_cookie(twice)), i);
    const auto longer = "r=" + value + "0";
    EXPECT_EQ(made.server_of(with_cookie(longer)), std::nullopt);
    const auto other = "rr=" + value;
    EXPECT_EQ(made.server_of(with_cookie(other)), std::nullopt);
  }
}

TEST(sticky_cookies, stay_the_same_while_other_servers_come_and_go) {
  const sticky_cookies before({.cookie = "r", .ttl = {}}, *servers_of({1, 2}), "secret");
  const sticky_cookies after({.cookie = "r", .ttl = {}}, *servers_of({7, 2}), "secret");
  EXPECT_EQ(before.line(1, true), after.line(1, true));
  const sticky_cookies elsewhere({.cookie = "r", .ttl = {}}, *servers_of({1, 2}), "other");
  EXPECT_NE(before.line(1, true), elsewhere.line(1, true));
}

TEST(sticky_cookies, are_secure_over_tls_and_may_last) {
  const sticky_cookies made({.cookie = "r", .ttl = std::chrono::hours(1)}, *servers_of({1}), "s");
  EXPECT_TRUE(made.line(0, false).ends_with("; Path=/; HttpOnly; SameSite=Lax; Max-Age=3600\r\n"));
  EXPECT_TRUE(made.line(0, true).ends_with("; Max-Age=3600; Secure\r\n"));
}

TEST(sticky_cookies, keep_out_of_what_shared_caches_store) {
  response_head head;
  EXPECT_FALSE(is_for_shared_caches(head));
  head.fields.push_back({"Cache-Control", "max-age=5, Public", field_id::cache_control});
  EXPECT_TRUE(is_for_shared_caches(head));
  head.fields[0].value = "private, max-age=5";
  EXPECT_FALSE(is_for_shared_caches(head));
}

} // namespace
} // namespace weir::net
