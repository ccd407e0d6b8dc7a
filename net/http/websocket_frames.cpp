// Frame heads: two bytes, a longer length, a mask.
#include "net/http/websocket_frames.hpp"

#include <algorithm>

namespace weir::net {

namespace {

constexpr std::uint8_t opcode_bits = 0x0f, close_opcode = 0x8, mask_bit = 0x80, length_bits = 0x7f;

/// How many bytes behind the first two give the length.
std::size_t length_bytes(std::uint8_t second) {
  const auto code = second & length_bits;
  return code == 127 ? 8 : code == 126 ? 2 : 0;
}

} // namespace

std::size_t websocket_frames::head_bytes_needed() const {
  if (head_size_ < 2) return 2;
  return 2 + length_bytes(head_[1]) + ((head_[1] & mask_bit) != 0 ? 4 : 0);
}

void websocket_frames::pass(std::string_view bytes) {
  while (!bytes.empty()) {
    if (payload_left_ > 0) {
      const auto part = std::min<std::uint64_t>(payload_left_, bytes.size());
      payload_left_ -= part;
      bytes.remove_prefix(part);
      continue;
    }
    head_[head_size_++] = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (head_size_ >= 2 && head_size_ == head_bytes_needed()) begin_payload();
  }
}

void websocket_frames::begin_payload() {
  closing_ = closing_ || (head_[0] & opcode_bits) == close_opcode;
  payload_left_ = head_[1] & length_bits;
  if (const auto more = length_bytes(head_[1]); more > 0) {
    payload_left_ = 0;
    for (std::size_t i = 0; i < more; ++i)
      payload_left_ = payload_left_ << 8 | head_[2 + i];
  }
  head_size_ = 0;
}

} // namespace weir::net
