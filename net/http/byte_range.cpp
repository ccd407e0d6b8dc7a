// Which bytes a Range asks for (RFC 9110 14).
#include "net/http/byte_range.hpp"

#include "base/text.hpp"
#include "net/http/char_class.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace weir::net {

namespace {

/// What stands between two parts of a multipart body costs more than so many bytes of content.
constexpr std::uint64_t gap_bytes = 128;

/// 1*DIGIT; a number that is too large stands for the largest one.
bool read_number(std::string_view digits, std::uint64_t& value) {
  if (digits.empty() || !all_in(digits, char_class::digit)) return false;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec == std::errc::result_out_of_range)
    value = std::numeric_limits<std::uint64_t>::max();
  return true;
}

byte_range last_bytes(std::uint64_t count, std::uint64_t size) {
  if (count == 0) return {range_kind::unsatisfiable, 0, 0};
  if (size == 0) return {};
  count = std::min(count, size);
  return {range_kind::part, size - count, count};
}

/// "0-99", "100-" or "-5"; `whole` when it is none of them.
byte_range read_spec(std::string_view spec, std::uint64_t size) {
  const auto dash = spec.find('-');
  if (dash == spec.npos) return {};
  const auto first_text = spec.substr(0, dash), last_text = spec.substr(dash + 1);
  std::uint64_t first = 0, last = std::numeric_limits<std::uint64_t>::max();
  if (first_text.empty()) {
    std::uint64_t count = 0;
    return read_number(last_text, count) ? last_bytes(count, size) : byte_range{};
  }
  if (!read_number(first_text, first)) return {};
  if (!last_text.empty() && !read_number(last_text, last)) return {};
  if (last < first) return {};
  if (first >= size) return {range_kind::unsatisfiable, 0, 0};
  return {range_kind::part, first, std::min(last, size - 1) - first + 1};
}

/// What follows "bytes="; nothing when it is another unit.
std::optional<std::string_view> range_set(std::string_view range) {
  const auto equals = range.find('=');
  if (equals == range.npos || !iequals(range.substr(0, equals), "bytes")) return std::nullopt;
  return trim(range.substr(equals + 1));
}

/// Joins what overlaps or lies too close together.
void join_neighbours(range_parts& parts) {
  auto sorted = parts;
  std::sort(sorted.begin(), sorted.end(),
            [](const byte_range& a, const byte_range& b) { return a.first < b.first; });
  range_parts joined;
  for (const auto& part : sorted) {
    const auto end = joined.empty() ? 0 : joined.back().first + joined.back().length;
    if (joined.empty() || (part.first > end && part.first - end > gap_bytes)) {
      joined.push_back(part);
      continue;
    }
    auto& last = joined.back();
    last.length = std::max(end, part.first + part.length) - last.first;
  }
  // Where nothing was joined, their own order stays.
  if (joined.size() < parts.size()) parts = joined;
}

} // namespace

byte_range choose_range(std::string_view range, std::uint64_t size) {
  const auto spec = range_set(range);
  return spec ? read_spec(*spec, size) : byte_range{};
}

byte_ranges choose_ranges(std::string_view range, std::uint64_t size) {
  byte_ranges out;
  const auto set = range_set(range);
  if (!set) return out;
  bool any_unsatisfiable = false;
  const bool good = each_member(*set, [&](std::string_view spec) {
    if (spec.empty()) return true; // RFC 9110 5.6.1: a list may have empty members
    const auto part = read_spec(spec, size);
    if (part.kind == range_kind::whole) return false;
    if (part.kind == range_kind::unsatisfiable) return any_unsatisfiable = true;
    if (out.parts.size() == range_parts_max) return false;
    out.parts.push_back(part);
    return true;
  });
  if (!good) {
    out.parts.clear();
    return out;
  }
  if (out.parts.empty()) {
    if (any_unsatisfiable) out.kind = range_kind::unsatisfiable;
    return out;
  }
  join_neighbours(out.parts);
  out.kind = range_kind::part;
  return out;
}

std::string content_range(const byte_range& range, std::uint64_t size) {
  const auto total = std::to_string(size);
  if (range.kind != range_kind::part) return "bytes */" + total;
  const auto last = range.first + range.length - 1;
  return "bytes " + std::to_string(range.first) + "-" + std::to_string(last) + "/" + total;
}

} // namespace weir::net
