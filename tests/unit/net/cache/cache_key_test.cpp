// Which requests are the same (RFC 9111 2, 4.1), and which URLs an answer names (4.4).
#include "net/cache/cache_key.hpp"
#include "tests/support/made_response.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using test::field_pairs;
using test::made_get;
using test::made_response;

std::string url_key(const request_head& request, const cache_policy& policy = {},
                    bool secure = false) {
  std::string out;
  append_url_key(out, request, secure, policy);
  return out;
}
std::string variant(field_pairs fields, std::string_view selecting,
                    const cache_policy& policy = {}) {
  std::string out;
  append_variant_key(out, made_get(fields), selecting, policy);
  return out;
}

TEST(cache_key, is_the_url_with_its_scheme) {
  auto request = made_get();
  EXPECT_EQ(url_key(request), "http://example.com/a?b=c");
  EXPECT_EQ(url_key(request, {}, true), "https://example.com/a?b=c");
  request.authority = "EXAMPLE.com:80";
  EXPECT_EQ(url_key(request), "http://example.com/a?b=c");
  EXPECT_EQ(url_key(request, {}, true), "https://example.com:80/a?b=c");
  request.authority = "[::1]:443";
  EXPECT_EQ(url_key(request, {}, true), "https://[::1]/a?b=c");
  request.has_query = false;
  EXPECT_EQ(url_key(request), "http://[::1]:443/a");
}

TEST(cache_key, an_empty_query_is_another_url) {
  auto request = made_get();
  request.query = "";
  EXPECT_EQ(url_key(request), "http://example.com/a?");
}

TEST(cache_key, parameters_that_do_not_count_are_left_out) {
  cache_policy policy;
  policy.drop_query = {"utm_*", "ref"};
  auto request = made_get();
  request.query = "utm_source=x&b=c&ref=1&utm_=&reference=2&UTM_x=3";
  EXPECT_EQ(url_key(request, policy), "http://example.com/a?b=c&reference=2&UTM_x=3");
  request.query = "ref=1";
  EXPECT_EQ(url_key(request, policy), "http://example.com/a");
  policy = {};
  policy.keep_query = false;
  policy.query = {"page"};
  request.query = "x=1&page=2&page=3";
  EXPECT_EQ(url_key(request, policy), "http://example.com/a?page=2&page=3");
}

TEST(cache_key, selecting_fields_are_one_sorted_list) {
  EXPECT_EQ(
      selecting_fields(made_response(200, {{"Vary", "X-B, accept"}, {"vary", "ACCEPT,,x-a"}})),
      "accept,x-a,x-b");
  EXPECT_EQ(selecting_fields(made_response(200, {})), "");
}

TEST(cache_key, a_field_that_is_absent_differs_from_an_empty_one) {
  EXPECT_NE(variant({}, "x-a"), variant({{"X-A", ""}}, "x-a"));
  EXPECT_EQ(variant({}, "x-a"), variant({{"X-B", "1"}}, "x-a"));
}

TEST(cache_key, lines_and_blanks_do_not_count) {
  EXPECT_EQ(variant({{"X-A", "1, 2"}}, "x-a"), variant({{"X-A", "1"}, {"x-a", "2"}}, "x-a"));
  EXPECT_EQ(variant({{"X-A", "1 ,2"}}, "x-a"), variant({{"X-A", "1,  2"}}, "x-a"));
  EXPECT_NE(variant({{"X-A", "1, 2"}}, "x-a"), variant({{"X-A", "2, 1"}}, "x-a"));
  EXPECT_NE(variant({{"X-A", "a"}}, "x-a"), variant({{"X-A", "A"}}, "x-a"));
}

TEST(cache_key, of_the_accept_fields_neither_order_nor_case_counts) {
  EXPECT_EQ(variant({{"Accept-Language", "en, de;q=0.5"}}, "accept-language"),
            variant({{"Accept-Language", "DE;q=0.5,EN"}}, "accept-language"));
  EXPECT_NE(variant({{"Accept-Language", "en"}}, "accept-language"),
            variant({{"Accept-Language", "de"}}, "accept-language"));
}

TEST(cache_key, no_value_can_pass_for_two_fields) {
  EXPECT_NE(variant({{"X-A", "1"}, {"X-B", "2"}}, "x-a,x-b"),
            variant({{"X-A", "1,\tx-b=2"}}, "x-a,x-b"));
}

TEST(cache_key, the_policy_has_fields_and_cookies_of_its_own) {
  cache_policy policy;
  policy.key_headers = {"x-country"};
  policy.key_cookies = {"theme"};
  EXPECT_TRUE(has_own_variants(policy));
  EXPECT_NE(variant({{"X-Country", "de"}}, "", policy), variant({}, "", policy));
  EXPECT_EQ(variant({{"Cookie", "a=1; theme=dark"}}, "", policy),
            variant({{"Cookie", "theme=dark; a=2"}}, "", policy));
  EXPECT_NE(variant({{"Cookie", "theme="}}, "", policy), variant({}, "", policy));
}

TEST(cache_policy, a_cookie_is_found_by_its_whole_name) {
  const auto request = made_get({{"Cookie", "xsid=1; sid=2;b"}, {"Cookie", "c=\"3\""}});
  EXPECT_EQ(find_cookie(request, "sid"), "2");
  EXPECT_EQ(find_cookie(request, "c"), "\"3\"");
  EXPECT_EQ(find_cookie(request, "b"), "");
  EXPECT_FALSE(find_cookie(request, "s"));
  cache_policy policy;
  policy.bypass_cookies = {"sid"};
  EXPECT_TRUE(policy.bypasses(request));
  EXPECT_FALSE(policy.bypasses(made_get({{"Cookie", "side=1"}})));
}

TEST(reference_key, is_the_url_that_a_location_names) {
  auto request = made_get();
  request.path = "/dir/a";
  const auto key = [&](std::string_view reference, bool secure = false) -> std::string {
    std::string out;
    return append_reference_key(out, reference, request, secure, {}) ? out : "";
  };
  EXPECT_EQ(key("/x?y=1#z"), "http://example.com/x?y=1");
  EXPECT_EQ(key("x"), "http://example.com/dir/x");
  EXPECT_EQ(key("../x/./y"), "http://example.com/x/y");
  EXPECT_EQ(key("../../../x"), "http://example.com/x");
  EXPECT_EQ(key("?q=1"), "http://example.com/dir/a?q=1");
  EXPECT_EQ(key("http://EXAMPLE.com:80/x"), "http://example.com/x");
  EXPECT_EQ(key("http://example.com"), "http://example.com/");
  EXPECT_EQ(key("//example.com/x"), "http://example.com/x");
  EXPECT_EQ(key("http://other.com/x"), "") << "another origin is not ours to invalidate";
  EXPECT_EQ(key("https://example.com/x"), "");
  EXPECT_EQ(key("https://example.com/x", true), "https://example.com/x");
  EXPECT_EQ(key("mailto:a@b"), "");
}

TEST(coded_key, is_no_responses_key) {
  const auto url = url_key(made_get());
  EXPECT_NE(coded_key(url, "br"), coded_key(url, "gzip"));
  EXPECT_TRUE(coded_key(url, "br").starts_with(url + "\n")) << "a URL has no line end";
  const auto selected = variant({{"Coded", "br"}}, "coded");
  EXPECT_EQ(coded_key(url, "br").find(selected), std::string::npos);
}

} // namespace
} // namespace weir::net
