// Which bytes a Range asks for (RFC 9110 14).
#pragma once

#include <boost/container/static_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::net {

enum class range_kind : std::uint8_t {
  whole,         // 200: no range, or one we do not understand
  part,          // 206
  unsatisfiable, // 416
};

struct byte_range {
  range_kind kind = range_kind::whole;
  std::uint64_t first = 0;  // with part: offset of the first byte
  std::uint64_t length = 0; // with part: at least 1
};

/// Reads a Range field that names one range against a representation of `size` bytes; several count
/// as `whole`. A last byte beyond the end is cut off.
byte_range choose_range(std::string_view range, std::uint64_t size);

/// More parts than this in one request are taken for abuse, and answered with the whole (RFC 9110
/// 14.2).
inline constexpr std::size_t range_parts_max = 16;
using range_parts = boost::container::static_vector<byte_range, range_parts_max>;

struct byte_ranges {
  range_kind kind = range_kind::whole;
  range_parts parts; // with kind part: at least one, none overlaps another
};

/// Reads a Range field that may name several ranges. What overlaps or lies close together becomes
/// one; otherwise they keep the client's order. Those beyond the end are left out, unless there is
/// no other.
byte_ranges choose_ranges(std::string_view range, std::uint64_t size);

/// The value of Content-Range for a part, "bytes 0-99/1000", or for a 416, "bytes */1000".
std::string content_range(const byte_range& range, std::uint64_t size);

} // namespace weir::net
