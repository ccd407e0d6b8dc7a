// Dates as HTTP writes them (RFC 9110 5.6.7): three formats in, IMF-fixdate out.
#include "net/http/http_date.hpp"

#include "net/http/char_class.hpp"

#include <algorithm>
#include <cstring>

namespace weir::net {

namespace {

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> long_days = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};

/// Takes a text apart from the left; after the first thing that does not fit, `ok` stays false.
struct reader {
  std::string_view rest;
  bool ok = true;

  void literal(std::string_view text) {
    ok = ok && rest.starts_with(text);
    if (ok) rest.remove_prefix(text.size());
  }
  int digits(std::size_t count) {
    ok = ok && rest.size() >= count && all_in(rest.substr(0, count), char_class::digit);
    if (!ok) return 0;
    int value = 0;
    for (char c : rest.substr(0, count))
      value = value * 10 + (c - '0');
    rest.remove_prefix(count);
    return value;
  }
  /// The index of the name that stands here.
  template <std::size_t N>
  std::size_t one_of(const std::array<std::string_view, N>& names) {
    const auto at = std::find_if(names.begin(), names.end(),
                                 [&](std::string_view name) { return rest.starts_with(name); });
    ok = ok && at != names.end();
    if (ok) rest.remove_prefix(at->size());
    return static_cast<std::size_t>(at - names.begin());
  }
};

struct date_parts {
  int year = 0, day = 0, hour = 0, minute = 0, second = 0;
  std::size_t month = 0;
};

void read_time(reader& in, date_parts& date) {
  date.hour = in.digits(2);
  in.literal(":");
  date.minute = in.digits(2);
  in.literal(":");
  date.second = in.digits(2);
}

std::optional<http_time> assemble(const reader& in, const date_parts& date) {
  using namespace std::chrono;
  if (!in.ok || !in.rest.empty()) return {};
  const year_month_day day{year{date.year}, month{static_cast<unsigned>(date.month + 1)},
                           std::chrono::day{static_cast<unsigned>(date.day)}};
  // A leap second may be written; it is the one after 59 to us.
  if (!day.ok() || date.hour > 23 || date.minute > 59 || date.second > 60) return {};
  return sys_days{day} + hours{date.hour} + minutes{date.minute} + seconds{date.second};
}

std::optional<http_time> parse_imf_fixdate(std::string_view text) {
  reader in{text};
  date_parts date;
  in.one_of(days);
  in.literal(", ");
  date.day = in.digits(2);
  in.literal(" ");
  date.month = in.one_of(months);
  in.literal(" ");
  date.year = in.digits(4);
  in.literal(" ");
  read_time(in, date);
  in.literal(" GMT");
  return assemble(in, date);
}

std::optional<http_time> parse_rfc850(std::string_view text, http_time now) {
  reader in{text};
  date_parts date;
  in.one_of(long_days);
  in.literal(", ");
  date.day = in.digits(2);
  in.literal("-");
  date.month = in.one_of(months);
  in.literal("-");
  const int two_digits = in.digits(2);
  in.literal(" ");
  read_time(in, date);
  in.literal(" GMT");
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  const int this_year = static_cast<int>(today.year());
  date.year = this_year - this_year % 100 + two_digits;
  if (date.year > this_year + 50) date.year -= 100;
  return assemble(in, date);
}

std::optional<http_time> parse_asctime(std::string_view text) {
  reader in{text};
  date_parts date;
  in.one_of(days);
  in.literal(" ");
  date.month = in.one_of(months);
  in.literal(" ");
  const bool padded = in.rest.starts_with(' ');
  if (padded) in.rest.remove_prefix(1);
  date.day = in.digits(padded ? 1 : 2);
  in.literal(" ");
  read_time(in, date);
  in.literal(" ");
  date.year = in.digits(4);
  return assemble(in, date);
}

void put_digits(char* at, int value, int count) {
  for (int i = count - 1; i >= 0; --i, value /= 10)
    at[i] = static_cast<char>('0' + value % 10);
}

} // namespace

std::optional<http_time> parse_http_date(std::string_view text, http_time now) {
  if (auto time = parse_imf_fixdate(text)) return time;
  if (auto time = parse_rfc850(text, now)) return time;
  return parse_asctime(text);
}

std::array<char, http_date_bytes> format_http_date(http_time time) {
  using namespace std::chrono;
  const auto day = floor<std::chrono::days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  std::array<char, http_date_bytes> text;
  std::memcpy(text.data(), "Sun, 00 Jan 0000 00:00:00 GMT", text.size());
  std::memcpy(text.data(), days[weekday{day}.c_encoding()].data(), 3);
  put_digits(text.data() + 5, static_cast<int>(static_cast<unsigned>(date.day())), 2);
  std::memcpy(text.data() + 8, months[static_cast<unsigned>(date.month()) - 1].data(), 3);
  put_digits(text.data() + 12, static_cast<int>(date.year()), 4);
  put_digits(text.data() + 17, static_cast<int>(clock.hours().count()), 2);
  put_digits(text.data() + 20, static_cast<int>(clock.minutes().count()), 2);
  put_digits(text.data() + 23, static_cast<int>(clock.seconds().count()), 2);
  return text;
}

std::string_view date_cache::at(wall_time now) {
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (second != second_) {
    second_ = second;
    text_ = format_http_date(second);
  }
  return {text_.data(), text_.size()};
}

} // namespace weir::net
