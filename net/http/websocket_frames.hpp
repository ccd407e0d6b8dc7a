// Where the frames of a WebSocket end, without looking into them (RFC 6455 5.2).
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace weir::net {

/// A close frame of a server that goes away: status 1001, unmasked (RFC 6455 5.5.1, 7.4.1).
inline constexpr std::string_view websocket_going_away{"\x88\x02\x03\xe9", 4};

/// Follows one direction of a WebSocket. A control frame may stand between any two frames, so
/// whoever wants to say something of its own asks `at_boundary`. Judges nothing: what is no
/// WebSocket is never at a boundary for sure, and nothing depends on it. Pure.
class websocket_frames {
public:
  /// These bytes have gone by.
  void pass(std::string_view bytes);
  /// Every frame that began has ended.
  bool at_boundary() const { return head_size_ == 0 && payload_left_ == 0; }
  /// A close frame has begun: nothing may follow it.
  bool closing() const { return closing_; }

private:
  static constexpr std::size_t head_bytes_max = 14;
  std::size_t head_bytes_needed() const;
  void begin_payload();

  std::uint64_t payload_left_ = 0;
  std::array<std::uint8_t, head_bytes_max> head_{};
  std::uint8_t head_size_ = 0; // bytes of a head that is not complete
  bool closing_ = false;
};

} // namespace weir::net
