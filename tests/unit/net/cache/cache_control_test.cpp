// Directives, well and badly written (RFC 9111 5.2, RFC 9213).
#include "net/cache/cache_control.hpp"
#include "tests/support/made_response.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using namespace std::chrono_literals;
using test::made_response;

cache_directives read(std::string_view value) {
  return read_cache_control(made_response(200, {{"Cache-Control", value}}));
}
std::optional<cache_directives> targeted(std::string_view value) {
  return read_targeted_cache_control(made_response(200, {{"CDN-Cache-Control", value}}));
}

TEST(cache_control, names_have_no_case) {
  const auto d = read("No-Store, MAX-AGE=5, Must-Revalidate");
  EXPECT_TRUE(d.no_store && d.must_revalidate && d.present);
  EXPECT_EQ(d.max_age, 5s);
}

TEST(cache_control, several_lines_are_one_list) {
  const auto d = read_cache_control(
      made_response(200, {{"Cache-Control", "public"}, {"cache-control", "max-age=7"}}));
  EXPECT_TRUE(d.is_public);
  EXPECT_EQ(d.max_age, 7s);
}

TEST(cache_control, token_and_quoted_forms_are_both_accepted) {
  EXPECT_EQ(read("max-age=\"60\"").max_age, 60s);
  EXPECT_EQ(read("s-maxage=\"60\", max-age=1").s_maxage, 60s);
}

TEST(cache_control, what_stands_inside_quotes_is_no_directive) {
  const auto d = read("extension=\"no-store, max-age=100\", max-age=1");
  EXPECT_FALSE(d.no_store);
  EXPECT_EQ(d.max_age, 1s);
}

TEST(cache_control, the_first_of_two_values_counts) {
  EXPECT_EQ(read("max-age=1, max-age=3600").max_age, 1s);
  EXPECT_EQ(read("max-age=3600, max-age=1").max_age, 3600s);
}

TEST(cache_control, a_lifetime_that_is_no_number_is_none) {
  for (const auto* value :
       {"max-age=abc", "max-age=-5", "max-age=3600.0", "max-age=100a", "max-age='100'", "max-age",
        "max-age=", "max-age=\"5\"x", "max-age =5", "max-age= 5", "max-age=+5"})
    EXPECT_EQ(read(value).max_age, 0s) << value;
}

TEST(cache_control, a_number_too_large_is_the_largest) {
  EXPECT_EQ(read("max-age=99999999999999999999999").max_age, delta_seconds_max);
  EXPECT_EQ(read("max-age=007").max_age, 7s);
}

TEST(cache_control, an_allowance_that_is_no_number_allows_nothing) {
  EXPECT_FALSE(read("stale-while-revalidate=x").stale_while_revalidate);
  EXPECT_FALSE(read("max-stale=x").max_stale);
  EXPECT_FALSE(read("max-stale=x").any_staleness);
  EXPECT_TRUE(read("max-stale").any_staleness);
  EXPECT_EQ(read("stale-if-error=9").stale_if_error, 9s);
}

TEST(cache_control, no_cache_and_private_may_name_fields) {
  const auto d = read("no-cache=\"Set-Cookie, X-A\", private=X-B");
  EXPECT_FALSE(d.no_cache || d.is_private);
  ASSERT_EQ(d.no_cache_fields.size(), 1u);
  EXPECT_EQ(d.no_cache_fields[0], "Set-Cookie, X-A");
  EXPECT_EQ(d.private_fields[0], "X-B");
}

TEST(cache_control, an_empty_or_broken_list_of_fields_is_the_whole_response) {
  EXPECT_TRUE(read("no-cache=\"\"").no_cache);
  EXPECT_TRUE(read("private=\"a, b").is_private);
  EXPECT_TRUE(read("no-cache=\"a\", no-cache=\"b\", no-cache=\"c\", no-cache=\"d\", no-cache=\"e\"")
                  .no_cache);
}

TEST(cache_control, what_it_does_not_know_is_skipped) {
  const auto d = read("foo, bar=baz, , ;=, =, no-transform, max-age=3");
  EXPECT_EQ(d.max_age, 3s);
}

TEST(targeted_cache_control, is_a_dictionary) {
  const auto d = targeted("max-age=600, must-revalidate, private=?0, no-cache=\"a\";x=1");
  ASSERT_TRUE(d);
  EXPECT_EQ(d->max_age, 600s);
  EXPECT_TRUE(d->must_revalidate);
  EXPECT_FALSE(d->is_private);
  EXPECT_EQ(d->no_cache_fields.size(), 1u);
}

TEST(targeted_cache_control, of_a_key_that_comes_twice_the_last_counts) {
  EXPECT_EQ(targeted("max-age=1, max-age=5")->max_age, 5s);
}

TEST(targeted_cache_control, what_is_no_dictionary_is_not_there) {
  for (const auto* value : {"max-age=600,", "Max-Age=600", "max-age=", "max-age = 600", "", "a b",
                            "max-age=1 2", "x=\"", "x=(1 2", "=1", "max-age=600;;"})
    EXPECT_FALSE(targeted(value)) << value;
}

TEST(targeted_cache_control, a_value_of_another_type_is_not_the_directives) {
  const auto d =
      targeted("max-age=\"600\", s-maxage=1.5, no-store=5.5, x=:YQ==:, y=(1 \"a\";b), z=t/o");
  ASSERT_TRUE(d);
  EXPECT_FALSE(d->max_age || d->s_maxage || d->no_store);
}

} // namespace
} // namespace weir::net
