// Dates in three formats in, one out (RFC 9110 5.6.7).
#include "net/http/http_date.hpp"

#include <gtest/gtest.h>
#include <string>

namespace weir::net {
namespace {

using std::chrono::sys_days;
using namespace std::chrono_literals;

const http_time example = sys_days{1994y / 11 / 6} + 8h + 49min + 37s;
const http_time now = sys_days{2026y / 11 / 22};

std::string text(http_time time) {
  const auto chars = format_http_date(time);
  return {chars.data(), chars.size()};
}

TEST(http_date, the_three_formats_mean_the_same) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", now), example);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now), example);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", now), example);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994", now), example + 240h);
}

TEST(http_date, is_written_as_imf_fixdate) {
  EXPECT_EQ(text(example), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(text(http_time{}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(text(sys_days{2028y / 2 / 29} + 23h + 59min + 59s), "Tue, 29 Feb 2028 23:59:59 GMT");
}

TEST(http_date, two_digit_years_are_at_most_fifty_years_ahead) {
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-76 08:49:37 GMT", now),
            sys_days{2076y / 11 / 6} + 8h + 49min + 37s);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-77 08:49:37 GMT", now),
            sys_days{1977y / 11 / 6} + 8h + 49min + 37s);
}

TEST(http_date, anything_else_is_no_date) {
  for (const auto* bad : {"", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
                          "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
                          "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT",
                          "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
                          "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
                          "Son, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37Z",
                          "Sun, 06-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994"})
    EXPECT_FALSE(parse_http_date(bad, now)) << bad;
}

TEST(http_date, what_is_written_is_read_back) {
  for (auto time = sys_days{1970y / 1 / 1} + 0s; time < sys_days{2110y / 1 / 1}; time += 1'234'567s)
    ASSERT_EQ(parse_http_date(text(time), now), time) << text(time);
}

TEST(date_cache, follows_the_second) {
  date_cache cache;
  EXPECT_EQ(cache.at(example + 999ms), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(cache.at(example + 1s), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(cache.at(example), "Sun, 06 Nov 1994 08:49:37 GMT");
}

} // namespace
} // namespace weir::net
