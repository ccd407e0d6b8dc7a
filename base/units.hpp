// Durations, sizes, rates and percentages as people write them in a config file or on a command
// line.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

/// Why a quantity could not be read. The message names what would have been right.
enum class unit_errc {
  not_a_number = 1,
  duration_unit,
  size_unit,
  percent_unit,
  too_large,
  rate_form,
  rate_unit
};

const boost::system::error_category& unit_category();
error_code make_error_code(unit_errc code);

/// `250ms 30s 5min 12h 30d`: a whole number and a unit, no sign, no blank. At most 3650 days, so
/// that sums of a few of them stay far from the range of any clock.
result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// `512`, `512B`, `64KiB`, `10MiB`, `20GiB`, `1TiB`: bytes. At most 2^60.
result<std::uint64_t> parse_size(std::string_view text);

/// `50%`: 0 to 100.
result<std::uint32_t> parse_percent(std::string_view text);

/// So many in so long.
struct rate {
  std::uint32_t count = 0;
  std::chrono::seconds per{1};
  bool operator==(const rate&) const = default;
};

/// `5/s`, `60/min`, `1000/h`, `10000/d`: at least one, at most a million per second.
result<rate> parse_rate(std::string_view text);

/// Digits only, at most `max`.
result<std::uint64_t> parse_count(std::string_view text, std::uint64_t max = UINT64_MAX);

/// The shortest text that parse_duration reads back as the same value.
std::string format_duration(std::chrono::milliseconds value);
/// The shortest text that parse_size reads back as the same value.
std::string format_size(std::uint64_t bytes);
/// The text that parse_rate reads back as the same value.
std::string format_rate(const rate& value);

} // namespace weir

template <>
struct boost::system::is_error_code_enum<weir::unit_errc> : std::true_type {};
