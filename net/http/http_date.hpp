// Dates as HTTP writes them (RFC 9110 5.6.7): three formats in, IMF-fixdate out.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <chrono>
#include <optional>
#include <string_view>

namespace weir::net {

/// HTTP knows whole seconds only.
using http_time = std::chrono::sys_seconds;

/// Reads "Sun, 06 Nov 1994 08:49:37 GMT", and the obsolete "Sunday, 06-Nov-94 08:49:37 GMT" and
/// "Sun Nov  6 08:49:37 1994". `now` decides the century of two-digit years: never more than 50
/// years ahead. The day's name must be one, not the right one.
std::optional<http_time> parse_http_date(std::string_view text, http_time now);

inline constexpr std::size_t http_date_bytes = 29;
std::array<char, http_date_bytes> format_http_date(http_time time);

/// The text of the current second, formatted once in it. One per shard.
class date_cache {
public:
  std::string_view at(wall_time now);

private:
  http_time second_ = http_time::min();
  std::array<char, http_date_bytes> text_{};
};

} // namespace weir::net
