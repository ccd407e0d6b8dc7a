// Which bytes a Range asks for (RFC 9110 14): single ranges; several are answered with the whole.
#include "net/http/byte_range.hpp"

#include "base/text.hpp"
#include "net/http/char_class.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace weir::net {

namespace {

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

} // namespace

byte_range choose_range(std::string_view range, std::uint64_t size) {
  const auto equals = range.find('=');
  if (equals == range.npos || !iequals(range.substr(0, equals), "bytes")) return {};
  const auto spec = trim(range.substr(equals + 1));
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

std::string content_range(const byte_range& range, std::uint64_t size) {
  const auto total = std::to_string(size);
  if (range.kind != range_kind::part) return "bytes */" + total;
  const auto last = range.first + range.length - 1;
  return "bytes " + std::to_string(range.first) + "-" + std::to_string(last) + "/" + total;
}

} // namespace weir::net
