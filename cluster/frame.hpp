// The header before every message between nodes: type, protocol version, epoch of the member list.
#pragma once

#include "base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::cluster {

/// The protocol this program speaks (N). It also reads N-1, so that a rolling upgrade works.
inline constexpr std::uint16_t protocol_version = 1;

/// On the wire: append only.
enum class frame_type : std::uint16_t {
  heartbeat = 1,
  probe = 2,
  probe_ack = 3,
  drain_request = 4,
  drain_reply = 5,
};

struct frame_header {
  std::uint16_t type = 0;
  std::uint16_t version = protocol_version;
  std::uint64_t epoch = 0; // of the member list the sender went by

  bool operator==(const frame_header&) const = default;
};

/// Twelve bytes, big-endian: u16 type, u16 version, u64 epoch.
inline constexpr std::size_t frame_header_bytes = 12;

struct frame {
  frame_header header;
  std::string_view payload; // into the bytes that were parsed
};

void append_header(std::string& out, const frame_header& header);
/// Errors: truncated, unsupported_version. The type is not judged.
result<frame> parse_frame(std::string_view bytes);

} // namespace weir::cluster
