// What is stored (RFC 9111 3), and what is careful about cookies.
#include "net/cache/storability.hpp"
#include "tests/support/made_response.hpp"

#include <gtest/gtest.h>
#include <ostream>

namespace weir::net {

void PrintTo(storability s, std::ostream* out) {
  *out << name_of(s);
}

namespace {

using test::field_pairs;
using test::made_get;
using test::made_response;

cache_policy policy_with_ttl() {
  cache_policy policy;
  policy.enabled = true;
  policy.ttl = 60s;
  policy.object_bytes_max = 1000;
  return policy;
}

storability judge(const response_head& head, const request_head& request = made_get(),
                  const cache_policy& policy = policy_with_ttl()) {
  const auto own = read_targeted_cache_control(head);
  const auto directives = own ? *own : read_cache_control(head);
  const auto asked = read_cache_control(request);
  const response_facts facts{head, directives, own.has_value(), cache_time{}, cache_time{}};
  return may_store({request, asked}, facts, lifetime_of(facts, policy), policy);
}
storability judge(std::string_view cache_control, const request_head& request = made_get()) {
  return judge(made_response(200, {{"Cache-Control", cache_control}}), request);
}

TEST(storability, only_gets_are_stored) {
  auto request = made_get();
  EXPECT_EQ(judge("max-age=5", request), storability::storable);
  for (const auto method : {http_method::head, http_method::post, http_method::other}) {
    request.method = method;
    EXPECT_EQ(judge("max-age=5", request), storability::method);
  }
}

TEST(storability, no_store_of_either_side_is_obeyed) {
  EXPECT_EQ(judge("max-age=5, no-store"), storability::no_store);
  EXPECT_EQ(judge("max-age=5", made_get({{"Cache-Control", "no-store"}})),
            storability::request_store);
}

TEST(storability, what_is_private_is_not_shared) {
  EXPECT_EQ(judge("private, max-age=5"), storability::is_private);
  EXPECT_EQ(judge("private=\"x-user\", max-age=5"), storability::storable);
}

TEST(storability, must_understand_overrides_no_store_for_a_known_status_only) {
  const auto with = [](std::uint16_t status) {
    return made_response(status, {{"Cache-Control", "must-understand, no-store, max-age=5"}});
  };
  EXPECT_EQ(judge(with(200)), storability::storable);
  EXPECT_EQ(judge(with(599)), storability::status);
}

TEST(storability, credentials_need_a_word_from_the_origin) {
  const auto request = made_get({{"Authorization", "Basic YTpi"}});
  EXPECT_EQ(judge("max-age=5", request), storability::authorization);
  EXPECT_EQ(judge("max-age=5, public", request), storability::storable);
  EXPECT_EQ(judge("max-age=5, must-revalidate", request), storability::storable);
  EXPECT_EQ(judge("s-maxage=5", request), storability::storable);
}

TEST(storability, a_client_that_is_known_otherwise_is_like_one_with_credentials) {
  const auto request = made_get();
  const auto asked = read_cache_control(request);
  const auto policy = policy_with_ttl();
  const auto of = [&](std::string_view cache_control) {
    const auto head = made_response(200, {{"Cache-Control", cache_control}});
    const auto directives = read_cache_control(head);
    const response_facts facts{head, directives, false, cache_time{}, cache_time{}};
    return may_store({request, asked, true}, facts, lifetime_of(facts, policy), policy);
  };
  EXPECT_EQ(of("max-age=5"), storability::authorization);
  EXPECT_EQ(of("max-age=5, public"), storability::storable);
}

TEST(storability, a_response_that_sets_a_cookie_must_say_that_it_is_for_all) {
  const auto with = [](std::string_view cache_control) {
    return made_response(200, {{"Cache-Control", cache_control}, {"Set-Cookie", "sid=1"}});
  };
  EXPECT_EQ(judge(with("max-age=5")), storability::set_cookie);
  EXPECT_EQ(judge(made_response(200, {{"Set-Cookie", "sid=1"}})), storability::set_cookie);
  EXPECT_EQ(judge(with("max-age=5, public")), storability::storable);
  EXPECT_EQ(judge(with("s-maxage=5")), storability::storable);
  EXPECT_EQ(judge(with("max-age=5, no-cache=\"Set-Cookie\"")), storability::storable);
  EXPECT_EQ(judge(with("max-age=5, private=\"set-cookie\"")), storability::storable);
  auto policy = policy_with_ttl();
  policy.set_cookie = true;
  EXPECT_EQ(judge(with("max-age=5"), made_get(), policy), storability::storable);
}

TEST(storability, an_assumed_lifetime_is_not_assumed_for_requests_with_cookies) {
  const auto request = made_get({{"Cookie", "sid=1"}});
  EXPECT_EQ(judge(made_response(200, {}), request), storability::cookie);
  EXPECT_EQ(judge(made_response(200, {{"Cache-Control", "max-age=1"}}), request),
            storability::storable);
  auto policy = policy_with_ttl();
  policy.any_cookie = true;
  EXPECT_EQ(judge(made_response(200, {}), request, policy), storability::storable);
}

TEST(storability, statuses) {
  for (const auto status : std::initializer_list<std::uint16_t>{200, 203, 204, 300, 301, 308, 404,
                                                                405, 410, 414, 501}) {
    auto policy = policy_with_ttl();
    policy.negative_ttl = 5s;
    EXPECT_EQ(judge(made_response(status, {}), made_get(), policy), storability::storable)
        << status;
  }
  for (const auto status :
       std::initializer_list<std::uint16_t>{201, 302, 307, 400, 403, 500, 503, 599}) {
    EXPECT_EQ(judge(made_response(status, {})), storability::status) << status;
    EXPECT_EQ(judge(made_response(status, {{"Cache-Control", "max-age=5"}})), storability::storable)
        << status;
  }
  EXPECT_EQ(judge(made_response(206, {{"Cache-Control", "max-age=5"}})), storability::partial);
  EXPECT_EQ(judge(made_response(304, {{"Cache-Control", "max-age=5"}})), storability::status);
}

TEST(storability, what_could_never_be_used_is_not_stored) {
  EXPECT_EQ(judge("max-age=0"), storability::no_freshness);
  EXPECT_EQ(judge("no-cache, max-age=5"), storability::no_freshness);
  EXPECT_EQ(judge(made_response(200, {{"Cache-Control", "no-cache"}, {"ETag", "\"a\""}})),
            storability::storable);
  EXPECT_EQ(judge("max-age=0, stale-while-revalidate=5"), storability::storable);
}

TEST(storability, vary_by_everything_is_not_stored) {
  EXPECT_EQ(judge(made_response(200, {{"Vary", "Accept, *"}})), storability::vary_any);
}

TEST(storability, a_body_announced_too_large_is_not_stored) {
  auto head = made_response(200, {});
  head.content_length = 1001;
  EXPECT_EQ(judge(head), storability::too_large);
}

TEST(storability, fields_that_are_left_out) {
  auto head = made_response(
      200, {{"Cache-Control", "private=\"x-user\", no-cache=\"X-Once\""}, {"Connection", "X-Hop"}});
  head.connection_names_fields = true;
  const auto d = read_cache_control(head);
  for (const auto* name : {"Connection", "Keep-Alive", "Transfer-Encoding", "Set-Cookie", "Age",
                           "X-User", "x-once", "X-Hop", "Content-Length", "Proxy-Authenticate"})
    EXPECT_TRUE(is_left_out(head, {name, "v", identify_field(name)}, d)) << name;
  for (const auto* name : {"Content-Type", "ETag", "Via", "X-Other", "CDN-Cache-Control"})
    EXPECT_FALSE(is_left_out(head, {name, "v", identify_field(name)}, d)) << name;
}

} // namespace
} // namespace weir::net
