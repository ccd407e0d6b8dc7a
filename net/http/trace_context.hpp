// The `traceparent` field (W3C Trace Context, Recommendation 2020-02-06, "level 1").
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::net {

/// What a traceparent says. Views point into the field's value.
struct trace_parent {
  std::string_view trace_id;  // 32 hex digits, not all zero
  std::string_view parent_id; // 16 hex digits, not all zero
  bool sampled = false;
};

/// Reads a field value strictly (3.2). A version that is not known yet is read as far as this one
/// goes (4.3); nothing: the trace begins anew.
std::optional<trace_parent> parse_traceparent(std::string_view value);

/// The size of a traceparent of the version we write.
inline constexpr std::size_t traceparent_size = 55;
using traceparent_text = std::array<char, traceparent_size>;

/// Writes version 00. REQUIRES: `trace_id` has 32 hex digits and `parent` is not 0.
void write_traceparent(traceparent_text& out, std::string_view trace_id, std::uint64_t parent,
                       bool sampled);

/// Writes `value` as 16 lower-case hex digits.
void write_hex(char* out, std::uint64_t value);

} // namespace weir::net
