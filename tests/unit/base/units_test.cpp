// What people may write as a duration, a size or a percentage, and what they are told otherwise.
#include "base/units.hpp"

#include <gtest/gtest.h>

namespace weir {
namespace {

using std::chrono::milliseconds;

TEST(units, durations_are_a_number_and_a_unit) {
  EXPECT_EQ(parse_duration("250ms").value(), 250ms);
  EXPECT_EQ(parse_duration("30s").value(), 30s);
  EXPECT_EQ(parse_duration("5min").value(), 5min);
  EXPECT_EQ(parse_duration("12h").value(), 12h);
  EXPECT_EQ(parse_duration("30d").value(), milliseconds(30 * 24h));
  EXPECT_EQ(parse_duration("0s").value(), 0s);
}

TEST(units, a_duration_without_a_known_unit_is_refused_with_the_units_named) {
  for (const auto* text : {"30", "5m", "5mn", "30 s", "1h30min", "30S", "1.5s"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error(), unit_errc::duration_unit) << text;
    EXPECT_EQ(parsed.error().message(), "unit must be ms, s, min, h or d");
  }
  for (const auto* text : {"", "s", "-1s", "+1s", " 1s"})
    EXPECT_EQ(parse_duration(text).error(), unit_errc::not_a_number) << text;
}

TEST(units, quantities_beyond_the_bounds_are_refused_not_wrapped) {
  EXPECT_EQ(parse_duration("3651d").error(), unit_errc::too_large);
  EXPECT_EQ(parse_duration("18446744073709551615d").error(), unit_errc::too_large);
  EXPECT_EQ(parse_duration("99999999999999999999s").error(), unit_errc::too_large);
  EXPECT_EQ(parse_size("1048577TiB").error(), unit_errc::too_large);
  EXPECT_EQ(parse_size("16777216TiB").error(), unit_errc::too_large);
}

TEST(units, sizes_are_binary_and_plain_numbers_are_bytes) {
  EXPECT_EQ(parse_size("512").value(), 512u);
  EXPECT_EQ(parse_size("512B").value(), 512u);
  EXPECT_EQ(parse_size("64KiB").value(), 65536u);
  EXPECT_EQ(parse_size("10MiB").value(), 10u << 20);
  EXPECT_EQ(parse_size("20GiB").value(), 20ull << 30);
  EXPECT_EQ(parse_size("10MB").error(), unit_errc::size_unit);
  EXPECT_EQ(parse_size("ten").error(), unit_errc::not_a_number);
}

TEST(units, percentages_need_their_sign_and_end_at_a_hundred) {
  EXPECT_EQ(parse_percent("0%").value(), 0u);
  EXPECT_EQ(parse_percent("100%").value(), 100u);
  EXPECT_EQ(parse_percent("101%").error(), unit_errc::too_large);
  EXPECT_EQ(parse_percent("50").error(), unit_errc::percent_unit);
}

TEST(units, rates_are_a_number_in_a_second_a_minute_an_hour_or_a_day) {
  EXPECT_EQ(parse_rate("5/s").value(), (rate{5, 1s}));
  EXPECT_EQ(parse_rate("60/min").value(), (rate{60, 1min}));
  EXPECT_EQ(parse_rate("1000/h").value(), (rate{1000, 1h}));
  EXPECT_EQ(parse_rate("1/d").value(), (rate{1, 24h}));
  EXPECT_EQ(parse_rate("1000000/s").value().count, 1'000'000u);
  EXPECT_EQ(parse_rate("1000001/s").error(), unit_errc::too_large);
  EXPECT_EQ(parse_rate("5/mn").error(), unit_errc::rate_unit);
  EXPECT_EQ(parse_rate("5/").error(), unit_errc::rate_unit);
  EXPECT_EQ(parse_rate("5").error(), unit_errc::rate_form);
  EXPECT_EQ(parse_rate("0/s").error(), unit_errc::rate_form);
  EXPECT_EQ(parse_rate("-5/s").error(), unit_errc::not_a_number);
  EXPECT_EQ(parse_rate("/s").error(), unit_errc::not_a_number);
  EXPECT_EQ(parse_rate("5 /s").error(), unit_errc::not_a_number);
  for (const auto* text : {"5/s", "60/min", "1000/h", "1/d"})
    EXPECT_EQ(format_rate(parse_rate(text).value()), text);
}

TEST(units, counts_are_digits_up_to_a_bound) {
  EXPECT_EQ(parse_count("0").value(), 0u);
  EXPECT_EQ(parse_count("65535", 65535).value(), 65535u);
  EXPECT_EQ(parse_count("65536", 65535).error(), unit_errc::too_large);
  EXPECT_EQ(parse_count("1e3").error(), unit_errc::not_a_number);
  EXPECT_EQ(parse_count("0x10").error(), unit_errc::not_a_number);
}

TEST(units, what_is_printed_reads_back_as_the_same_value) {
  for (const std::int64_t ms : {1, 999, 1000, 1500, 60'000, 90'000, 3'600'000, 86'400'000})
    EXPECT_EQ(parse_duration(format_duration(milliseconds(ms))).value(), milliseconds(ms));
  for (const std::uint64_t bytes : {0ull, 1ull, 1023ull, 1024ull, 1536ull, 10ull << 20, 1ull << 60})
    EXPECT_EQ(parse_size(format_size(bytes)).value(), bytes);
  EXPECT_EQ(format_duration(90s), "90s");
  EXPECT_EQ(format_duration(5min), "5min");
  EXPECT_EQ(format_duration(0ms), "0s");
  EXPECT_EQ(format_size(10u << 20), "10MiB");
}

} // namespace
} // namespace weir
