// Preconditions and their order (RFC 9110 13).
#include "net/http/conditional.hpp"
#include "net/http/known_fields.hpp"

#include <gtest/gtest.h>
#include <ostream>

namespace weir::net {

void PrintTo(precondition p, std::ostream* out) {
  *out << (p == precondition::proceed ? "proceed" : p == precondition::failed ? "412" : "304");
}

namespace {

using namespace std::chrono_literals;
using field_pairs = std::initializer_list<std::pair<std::string_view, std::string_view>>;

const http_time changed = std::chrono::sys_days{1994y / 11 / 6} + 8h + 49min + 37s;
const http_time now = changed + 24h;
constexpr auto same_date = "Sun, 06 Nov 1994 08:49:37 GMT";
constexpr auto earlier = "Sun, 06 Nov 1994 08:49:36 GMT";
constexpr auto later = "Sun, 06 Nov 1994 08:49:38 GMT";
const validators current{"\"v1\"", changed};
const validators weak{"W/\"v1\"", changed};

request_head with(field_pairs fields, http_method method = http_method::get) {
  request_head head;
  head.method = method;
  for (const auto& [name, value] : fields)
    head.fields.push_back({name, value, identify_field(name)});
  return head;
}

precondition check(field_pairs fields, http_method method = http_method::get,
                   const validators& known = current) {
  return evaluate_preconditions(with(fields, method), known, now);
}

TEST(conditional, without_conditions_a_request_proceeds) {
  EXPECT_EQ(check({}), precondition::proceed);
}

TEST(conditional, if_none_match_compares_weakly) {
  EXPECT_EQ(check({{"If-None-Match", "\"v1\""}}), precondition::not_modified);
  EXPECT_EQ(check({{"If-None-Match", "W/\"v1\""}}), precondition::not_modified);
  EXPECT_EQ(check({{"If-None-Match", "\"v1\""}}, http_method::get, weak),
            precondition::not_modified);
  EXPECT_EQ(check({{"If-None-Match", "\"v0\" , \"a,b\",W/\"v1\""}}), precondition::not_modified);
  EXPECT_EQ(check({{"If-None-Match", "\"v0\""}, {"If-None-Match", "\"v1\""}}),
            precondition::not_modified);
  EXPECT_EQ(check({{"If-None-Match", "*"}}), precondition::not_modified);
  EXPECT_EQ(check({{"If-None-Match", "\"v2\""}}), precondition::proceed);
  EXPECT_EQ(check({{"If-None-Match", "v1"}}), precondition::proceed);
  EXPECT_EQ(check({{"If-None-Match", "\"V1\""}}), precondition::proceed);
}

TEST(conditional, if_none_match_fails_what_would_change_something) {
  EXPECT_EQ(check({{"If-None-Match", "*"}}, http_method::put), precondition::failed);
  EXPECT_EQ(check({{"If-None-Match", "*"}}, http_method::put, {.exists = false}),
            precondition::proceed);
  EXPECT_EQ(check({{"If-None-Match", "\"v1\""}}, http_method::head), precondition::not_modified);
}

TEST(conditional, if_match_compares_strongly) {
  EXPECT_EQ(check({{"If-Match", "\"v1\""}}), precondition::proceed);
  EXPECT_EQ(check({{"If-Match", "\"v0\", \"v1\""}}), precondition::proceed);
  EXPECT_EQ(check({{"If-Match", "*"}}), precondition::proceed);
  EXPECT_EQ(check({{"If-Match", "W/\"v1\""}}), precondition::failed);
  EXPECT_EQ(check({{"If-Match", "W/\"v1\""}}, http_method::get, weak), precondition::failed);
  EXPECT_EQ(check({{"If-Match", "\"v2\""}}), precondition::failed);
  EXPECT_EQ(check({{"If-Match", "*"}}, http_method::put, {.exists = false}), precondition::failed);
}

TEST(conditional, dates_are_compared_to_the_second) {
  EXPECT_EQ(check({{"If-Modified-Since", same_date}}), precondition::not_modified);
  EXPECT_EQ(check({{"If-Modified-Since", later}}), precondition::not_modified);
  EXPECT_EQ(check({{"If-Modified-Since", earlier}}), precondition::proceed);
  EXPECT_EQ(check({{"If-Unmodified-Since", same_date}}), precondition::proceed);
  EXPECT_EQ(check({{"If-Unmodified-Since", earlier}}), precondition::failed);
}

TEST(conditional, dates_that_are_none_are_ignored) {
  EXPECT_EQ(check({{"If-Modified-Since", "yesterday"}}), precondition::proceed);
  EXPECT_EQ(check({{"If-Unmodified-Since", "0"}}), precondition::proceed);
  EXPECT_EQ(check({{"If-Modified-Since", later}, {"If-Modified-Since", later}}),
            precondition::proceed);
  EXPECT_EQ(check({{"If-Modified-Since", same_date}}, http_method::post), precondition::proceed);
  EXPECT_EQ(check({{"If-Modified-Since", same_date}}, http_method::get, {.etag = "\"v1\""}),
            precondition::proceed);
}

TEST(conditional, entity_tags_take_precedence_over_dates) {
  EXPECT_EQ(check({{"If-None-Match", "\"v2\""}, {"If-Modified-Since", later}}),
            precondition::proceed);
  EXPECT_EQ(check({{"If-Match", "\"v1\""}, {"If-Unmodified-Since", earlier}}),
            precondition::proceed);
  EXPECT_EQ(check({{"If-Match", "\"v2\""}, {"If-None-Match", "\"v1\""}}), precondition::failed);
}

TEST(conditional, a_range_counts_only_for_what_the_client_has) {
  const auto applies = [](std::string_view value, const validators& known = current,
                          http_time at = now) {
    return range_applies(with({{"If-Range", value}}), known, at);
  };
  EXPECT_TRUE(range_applies(with({}), current, now));
  EXPECT_TRUE(applies("\"v1\""));
  EXPECT_FALSE(applies("\"v2\""));
  EXPECT_FALSE(applies("W/\"v1\"", weak));
  EXPECT_TRUE(applies(same_date));
  EXPECT_FALSE(applies(later));
  EXPECT_FALSE(applies(earlier));
  EXPECT_FALSE(applies(same_date, current, changed));
  EXPECT_FALSE(applies("garbage"));
}

TEST(entity_tag, has_quotes_and_no_blanks) {
  for (const auto* good : {"\"\"", "\"a\"", "W/\"a\"", "\"a,b\"", "\"\xc3\xa4\""})
    EXPECT_TRUE(is_entity_tag(good)) << good;
  for (const auto* bad : {"", "a", "\"", "\"a", "w/\"a\"", "\"a\"b", "\"a b\"", "W/", "W/a"})
    EXPECT_FALSE(is_entity_tag(bad)) << bad;
}

} // namespace
} // namespace weir::net
