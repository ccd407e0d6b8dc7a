// Which bytes a Range asks for (RFC 9110 14): single ranges; several are answered with the whole.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::net {

enum class range_kind : std::uint8_t {
  whole,         // 200: no range, one we do not understand, or several
  part,          // 206
  unsatisfiable, // 416
};

struct byte_range {
  range_kind kind = range_kind::whole;
  std::uint64_t first = 0;  // with part: offset of the first byte
  std::uint64_t length = 0; // with part: at least 1
};

/// Reads a Range field against a representation of `size` bytes. A last byte beyond the end is cut
/// off.
byte_range choose_range(std::string_view range, std::uint64_t size);

/// The value of Content-Range for a part, "bytes 0-99/1000", or for a 416, "bytes */1000".
std::string content_range(const byte_range& range, std::uint64_t size);

} // namespace weir::net
