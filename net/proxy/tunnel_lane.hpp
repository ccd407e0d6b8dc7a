// One direction of a tunnel: bytes from one connection to another through one bounded buffer.
#pragma once

#include "net/http/websocket_frames.hpp"
#include "net/io/buffer_pool.hpp"
#include "net/proxy/channel.hpp"

#include <cstdint>
#include <optional>
#include <utility>

namespace weir::net {

enum class lane_state : std::uint8_t {
  idle,          // nothing to move: wait for the source
  blocked,       // wait until the sink takes more
  yielded,       // moved its share of this turn: call again soon
  ended,         // the source has ended, and the sink was told
  source_failed, // its connection broke
  sink_failed,
};

/// Reads only when all it read before is written, so a slow sink stops its source. Holds no buffer
/// while idle. Lives on one shard.
class tunnel_lane {
public:
  /// Bytes moved in one call before others get their turn.
  static constexpr std::size_t turn_bytes_max = 128 * 1024;

  /// `head` is written first, then what `in` holds already. With `follow_frames` the bytes behind
  /// `head` are followed as WebSocket frames.
  tunnel_lane(buffer_pool& buffers, buffer head, buffer in, bool follow_frames);

  lane_state run(channel& from, channel& to);

  std::uint64_t bytes() const { return bytes_; } // written, `head` not counted
  /// Bytes read or written since the last call.
  bool take_progress() { return std::exchange(progress_, false); }
  bool ended() const { return ended_; }
  /// All that was read is written.
  bool empty() const { return head_.empty() && in_.empty(); }
  const websocket_frames& frames() const { return frames_; }
  /// Forgets what is not written.
  void drop();

private:
  std::optional<lane_state> write(channel& to, std::size_t& moved);
  void note_written(std::size_t count);
  lane_state rest();

  buffer_pool& buffers_;
  buffer head_;
  buffer in_;
  websocket_frames frames_;
  std::uint64_t bytes_ = 0;
  bool follow_frames_;
  bool bulk_ = false; // the last read filled its buffer: the next gets a large one
  bool progress_ = false;
  bool source_ended_ = false;
  bool ended_ = false;
};

} // namespace weir::net
