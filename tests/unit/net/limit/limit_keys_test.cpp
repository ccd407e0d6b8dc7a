// What requests are counted by.
#include "net/limit/limit_keys.hpp"

#include "net/http/parser.hpp"

#include <gtest/gtest.h>

#include <set>

namespace weir::net {
namespace {

using config::limit_key_kind;
using parts = std::vector<config::limit_key_part>;

constexpr wide_hash secret{1, 2};

class limit_keys_test : public testing::Test {
protected:
  static request_limit limit_by(const parts& key, const std::string& name = "") {
    config::site_settings site;
    site.hosts = {"example.com"};
    site.policy.rate_limits.emplace();
    auto& one = site.policy.rate_limits->emplace_back();
    one.key = key;
    one.name = name;
    one.per_key = rate{5, 60s};
    return compile_limits(site, nullptr).at(0);
  }

  /// The head and the path that a request line and fields make; they live until the next call.
  const request_head& head_of(const std::string& target, const std::string& fields = "") {
    text_ = "GET " + target + " HTTP/1.1\r\nHost: Example.com:8080\r\n" + fields + "\r\n";
    std::size_t scanned = 0;
    head_ = {};
    EXPECT_EQ(parse_request(text_, {}, scanned, head_).status, parse_status::complete);
    return head_;
  }
  std::optional<std::uint64_t> hash(const parts& key, const std::string& target,
                                    const std::string& fields = "",
                                    const char* client = "192.0.2.1") {
    const auto address = ip_address::parse(client).value();
    return keys_.hash(limit_by(key), {head_of(target, fields), "/p", address});
  }
  std::string text(const parts& key, const std::string& target, const std::string& fields = "",
                   const char* client = "192.0.2.1") {
    const auto address = ip_address::parse(client).value();
    return keys_.text(limit_by(key), {head_of(target, fields), "/p", address}).text;
  }

  limit_keys keys_{secret};
  std::string text_;
  request_head head_;
};

const parts by_ip{{limit_key_kind::ip, ""}};
const parts by_cookie{{limit_key_kind::cookie, "sid"}};
const parts by_header{{limit_key_kind::header, "X-Key"}};
const parts by_query{{limit_key_kind::query, "token"}};

TEST_F(limit_keys_test, an_ipv4_address_counts_alone_and_an_ipv6_one_with_its_64) {
  EXPECT_EQ(hash(by_ip, "/"), hash(by_ip, "/other"));
  EXPECT_NE(hash(by_ip, "/", "", "192.0.2.1"), hash(by_ip, "/", "", "192.0.2.2"));
  EXPECT_EQ(hash(by_ip, "/", "", "2001:db8:0:1::1"), hash(by_ip, "/", "", "2001:db8:0:1:f::9"));
  EXPECT_NE(hash(by_ip, "/", "", "2001:db8:0:1::1"), hash(by_ip, "/", "", "2001:db8:0:2::1"));
}

TEST_F(limit_keys_test, a_request_without_what_is_counted_by_is_not_counted) {
  EXPECT_FALSE(hash(by_header, "/"));
  EXPECT_FALSE(hash(by_cookie, "/", "Cookie: other=1\r\n"));
  EXPECT_FALSE(hash(by_query, "/?tok=1"));
  EXPECT_TRUE(hash(by_header, "/", "x-key:\r\n")); // there, but empty
  // Of a composite key one part is enough.
  EXPECT_TRUE(hash({{limit_key_kind::ip, ""}, {limit_key_kind::header, "X-Key"}}, "/"));
}

TEST_F(limit_keys_test, header_names_have_no_case_and_values_do) {
  EXPECT_EQ(hash(by_header, "/", "x-KEY: a\r\n"), hash(by_header, "/", "X-Key: a\r\n"));
  EXPECT_NE(hash(by_header, "/", "X-Key: a\r\n"), hash(by_header, "/", "X-Key: A\r\n"));
}

TEST_F(limit_keys_test, cookies_are_found_in_any_field_and_place) {
  const auto wanted = hash(by_cookie, "/", "Cookie: sid=abc\r\n");
  EXPECT_EQ(hash(by_cookie, "/", "Cookie: a=1; sid=abc; b=2\r\n"), wanted);
  EXPECT_EQ(hash(by_cookie, "/", "Cookie: a=1\r\nCookie: sid=abc\r\n"), wanted);
  EXPECT_NE(hash(by_cookie, "/", "Cookie: sid=abd\r\n"), wanted);
}

TEST_F(limit_keys_test, a_parameter_is_the_same_however_it_is_encoded) {
  const auto wanted = hash(by_query, "/?token=a%20b");
  EXPECT_EQ(hash(by_query, "/?x=1&token=a+b"), wanted);
  EXPECT_EQ(hash(by_query, "/?%74oken=%61+%62&y"), wanted);
  EXPECT_NE(hash(by_query, "/?token=ab"), wanted);
}

TEST_F(limit_keys_test, lists_of_parts_do_not_run_into_each_other) {
  const parts two{{limit_key_kind::header, "A"}, {limit_key_kind::header, "B"}};
  std::set<std::optional<std::uint64_t>> seen{
      hash(two, "/", "A: xy\r\nB: z\r\n"), hash(two, "/", "A: x\r\nB: yz\r\n"),
      hash(two, "/", "A: z\r\nB: xy\r\n"), hash(two, "/", "A: xy\r\n"),
      hash(two, "/", "B: xy\r\n")};
  EXPECT_EQ(seen.size(), 5u);
}

TEST_F(limit_keys_test, another_limit_or_another_secret_is_another_key) {
  const auto address = ip_address::v4(192, 0, 2, 1);
  const limit_subject subject{head_of("/"), "/p", address};
  const auto one = keys_.hash(limit_by(by_ip, "one"), subject);
  EXPECT_NE(one, keys_.hash(limit_by(by_ip, "two"), subject));
  EXPECT_NE(one, limit_keys({2, 1}).hash(limit_by(by_ip, "one"), subject));
}

TEST_F(limit_keys_test, shows_what_may_be_a_secret_masked) {
  EXPECT_EQ(text({{limit_key_kind::path, ""}}, "/"), "/p");
  EXPECT_EQ(text({{limit_key_kind::host, ""}}, "/"), "example.com");
  EXPECT_EQ(text({{limit_key_kind::ip, ""}, {limit_key_kind::path, ""}}, "/"), "192.0.2.1|/p");
  const auto shown = text(by_cookie, "/", "Cookie: sid=topsecret\r\n");
  EXPECT_EQ(shown, keys_.masked("topsecret"));
  EXPECT_EQ(shown.size(), 13u);
  EXPECT_EQ(shown.find("secret"), std::string::npos);
}

} // namespace
} // namespace weir::net
