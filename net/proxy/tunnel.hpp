// A client's and an origin's connection joined after a 101: bytes both ways, as they come (RFC 9110
// 7.8).
#pragma once

#include "net/proxy/relay.hpp"
#include "net/proxy/tunnel_clock.hpp"
#include "net/proxy/tunnel_lane.hpp"

#include <memory>

namespace weir::net {

enum class tunnel_state : std::uint8_t {
  open,    // call again on the next event
  yielded, // call again soon
  ended,   // `end()` says why: close the client's connection
};

/// One tunnel. Each way ends on its own: a side that ends its stream is told to the other, whose
/// bytes still flow. Holds no buffer while nothing moves; a side that does not read stops the
/// other. Owns the origin's connection; the client's outlives it. Lives on one shard.
class tunnel final : public upstream_user {
public:
  /// `from_client` is what the client has sent already.
  tunnel(shard_services& shard, relay_host& host, channel& client, upgraded_origin origin,
         buffer from_client, const tunnel_limits& limits);

  /// Moves what can be moved.
  tunnel_state advance();
  /// When to call `expire`, as things stand.
  steady_time deadline() const { return clock_.deadline(); }
  void expire() { end_ = clock_.meaning(); }
  /// The node ends: a WebSocket's client is told so, if a frame of ours may stand where the last
  /// byte was written.
  void go_away();

  tunnel_end end() const { return end_; }
  std::uint64_t bytes_up() const { return up_.bytes(); }
  std::uint64_t bytes_down() const { return down_.bytes(); }

private:
  void on_upstream(upstream_connection&) override { host_.on_relay_event(); }
  void note(tunnel_way way, tunnel_lane& lane, lane_state state);
  tunnel_state broke(tunnel_end who);
  tunnel_state finish(tunnel_end why);

  shard_services& shard_;
  relay_host& host_;
  channel& client_;
  std::unique_ptr<upstream_connection> origin_;
  tunnel_lane up_;
  tunnel_lane down_;
  tunnel_clock clock_;
  tunnel_end end_ = tunnel_end::finished;
  bool websocket_;
};

} // namespace weir::net
