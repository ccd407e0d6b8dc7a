// Durations, sizes, rates and percentages as people write them: reading and printing.
#include "base/units.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace weir {
namespace {

class unit_error_category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "weir.units"; }

  std::string message(int code) const override {
    switch (static_cast<unit_errc>(code)) {
    case unit_errc::not_a_number:
      return "not a whole number";
    case unit_errc::duration_unit:
      return "unit must be ms, s, min, h or d";
    case unit_errc::size_unit:
      return "unit must be B, KiB, MiB, GiB or TiB";
    case unit_errc::percent_unit:
      return "must be a percentage like 50%";
    case unit_errc::too_large:
      return "too large";
    case unit_errc::rate_form:
      return "must be a rate like 5/s or 60/min";
    case unit_errc::rate_unit:
      return "unit must be s, min, h or d";
    }
    return "unknown error";
  }
};

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

// Largest first: printing takes the first that divides the value.
constexpr std::array<unit, 5> duration_units = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"min", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<unit, 5> size_units = {
    {{"TiB", 1ull << 40}, {"GiB", 1ull << 30}, {"MiB", 1ull << 20}, {"KiB", 1ull << 10}, {"B", 1}}};

constexpr std::array<unit, 4> rate_units = {{{"s", 1}, {"min", 60}, {"h", 3'600}, {"d", 86'400}}};

constexpr std::uint64_t rate_max_per_second = 1'000'000;
constexpr std::uint64_t duration_max_ms = 3650ull * 86'400'000;
constexpr std::uint64_t size_max_bytes = 1ull << 60;

struct quantity {
  std::uint64_t number;
  std::string_view unit;
};

result<quantity> split_quantity(std::string_view text) {
  const auto digits = text.find_first_not_of("0123456789");
  const auto number = text.substr(0, digits);
  if (number.empty()) return unit_errc::not_a_number;
  std::uint64_t value = 0;
  const auto [end, failure] = std::from_chars(number.begin(), number.end(), value);
  if (failure != std::errc{}) return unit_errc::too_large;
  return quantity{value, text.substr(number.size())};
}

result<std::uint64_t> scale(const quantity& value, std::span<const unit> units, unit_errc no_unit,
                            std::uint64_t max) {
  for (const auto& candidate : units) {
    if (candidate.name != value.unit) continue;
    if (value.number > max / candidate.factor) return unit_errc::too_large;
    return value.number * candidate.factor;
  }
  return no_unit;
}

std::string print(std::uint64_t value, std::span<const unit> units) {
  for (const auto& candidate : units) {
    if (value != 0 && value % candidate.factor == 0)
      return std::to_string(value / candidate.factor).append(candidate.name);
  }
  return "0";
}

} // namespace

const boost::system::error_category& unit_category() {
  static const unit_error_category category;
  return category;
}

error_code make_error_code(unit_errc code) {
  return {static_cast<int>(code), unit_category()};
}

result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto parts = split_quantity(text);
  if (!parts) return parts.error();
  const auto value = scale(*parts, duration_units, unit_errc::duration_unit, duration_max_ms);
  if (!value) return value.error();
  return std::chrono::milliseconds(static_cast<std::int64_t>(*value));
}

result<std::uint64_t> parse_size(std::string_view text) {
  auto parts = split_quantity(text);
  if (!parts) return parts.error();
  if (parts->unit.empty()) parts->unit = "B";
  return scale(*parts, size_units, unit_errc::size_unit, size_max_bytes);
}

result<std::uint32_t> parse_percent(std::string_view text) {
  const auto parts = split_quantity(text);
  if (!parts) return parts.error();
  if (parts->unit != "%") return unit_errc::percent_unit;
  if (parts->number > 100) return unit_errc::too_large;
  return static_cast<std::uint32_t>(parts->number);
}

result<rate> parse_rate(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return unit_errc::rate_form;
  const auto count = parse_count(text.substr(0, slash), UINT32_MAX);
  if (!count) return count.error();
  if (*count == 0) return unit_errc::rate_form;
  const auto unit_name = text.substr(slash + 1);
  for (const auto& candidate : rate_units) {
    if (candidate.name != unit_name) continue;
    if (*count > rate_max_per_second * candidate.factor) return unit_errc::too_large;
    return rate{static_cast<std::uint32_t>(*count),
                std::chrono::seconds(static_cast<std::int64_t>(candidate.factor))};
  }
  return unit_errc::rate_unit;
}

result<std::uint64_t> parse_count(std::string_view text, std::uint64_t max) {
  const auto parts = split_quantity(text);
  if (!parts) return parts.error();
  if (!parts->unit.empty()) return unit_errc::not_a_number;
  if (parts->number > max) return unit_errc::too_large;
  return parts->number;
}

std::string format_duration(std::chrono::milliseconds value) {
  if (value.count() <= 0) return "0s";
  return print(static_cast<std::uint64_t>(value.count()), duration_units);
}

std::string format_rate(const rate& value) {
  for (const auto& candidate : rate_units)
    if (candidate.factor == static_cast<std::uint64_t>(value.per.count()))
      return std::to_string(value.count).append("/").append(candidate.name);
  return {};
}

std::string format_size(std::uint64_t bytes) {
  return print(bytes, size_units);
}

} // namespace weir
