// Reading and writing of `traceparent`: version "-" trace-id "-" parent-id "-" flags.
#include "net/http/trace_context.hpp"

#include <algorithm>

namespace weir::net {

namespace {

constexpr std::size_t trace_at = 3, parent_at = 36, flags_at = 53;
constexpr std::size_t trace_digits = 32, parent_digits = 16, byte_digits = 2;
constexpr std::string_view digits = "0123456789abcdef";

/// Lower-case only (3.2.2): other receivers refuse capitals.
bool is_hex(std::string_view text) {
  return text.find_first_not_of(digits) == text.npos;
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == text.npos;
}

} // namespace

std::optional<trace_parent> parse_traceparent(std::string_view value) {
  if (value.size() < traceparent_size) return {};
  const auto version = value.substr(0, byte_digits);
  if (!is_hex(version) || version == "ff") return {};
  if (version == "00" && value.size() != traceparent_size) return {};
  if (value.size() > traceparent_size && value[traceparent_size] != '-') return {};
  if (value[trace_at - 1] != '-' || value[parent_at - 1] != '-' || value[flags_at - 1] != '-')
    return {};
  trace_parent out;
  out.trace_id = value.substr(trace_at, trace_digits);
  out.parent_id = value.substr(parent_at, parent_digits);
  const auto flags = value.substr(flags_at, byte_digits);
  if (!is_hex(out.trace_id) || !is_hex(out.parent_id) || !is_hex(flags)) return {};
  if (is_zero(out.trace_id) || is_zero(out.parent_id)) return {};
  out.sampled = (digits.find(flags[1]) & 1) != 0;
  return out;
}

void write_hex(char* out, std::uint64_t value) {
  for (int shift = 60; shift >= 0; shift -= 4)
    *out++ = digits[(value >> shift) & 0xf];
}

void write_traceparent(traceparent_text& out, std::string_view trace_id, std::uint64_t parent,
                       bool sampled) {
  constexpr std::string_view form = "00-00000000000000000000000000000000-0000000000000000-00";
  static_assert(form.size() == traceparent_size);
  std::copy(form.begin(), form.end(), out.begin());
  std::copy_n(trace_id.begin(), trace_digits, out.begin() + trace_at);
  write_hex(out.data() + parent_at, parent);
  if (sampled) out.back() = '1';
}

} // namespace weir::net
