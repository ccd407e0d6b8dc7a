// Two lanes, their deadlines, and a last word to a WebSocket's client.
#include "net/proxy/tunnel.hpp"

#include <array>

namespace weir::net {

std::string_view name_of(tunnel_end end) {
  constexpr std::array<std::string_view, tunnel_end_count> names = {
      "finished", "client_gone", "upstream_gone", "idle_timeout", "write_timeout", "shutting_down"};
  return names[static_cast<std::size_t>(end)];
}

tunnel::tunnel(shard_services& shard, relay_host& host, channel& client, upgraded_origin origin,
               buffer from_client, const tunnel_limits& limits)
    : shard_(shard), host_(host), client_(client), origin_(std::move(origin.connection)),
      up_(shard.buffers, {}, std::move(from_client), false),
      down_(shard.buffers, std::move(origin.head), std::move(origin_->in), origin.websocket),
      clock_(limits, shard.loop.now()), websocket_(origin.websocket) {
  origin_->set_user(this);
}

tunnel_state tunnel::advance() {
  // Down first: an origin that has closed may have said something before.
  const auto down = down_.run(origin_->wire(), client_);
  if (down == lane_state::source_failed) return broke(tunnel_end::upstream_gone);
  if (down == lane_state::sink_failed) return broke(tunnel_end::client_gone);
  const auto up = up_.run(client_, origin_->wire());
  if (up == lane_state::source_failed) return broke(tunnel_end::client_gone);
  if (up == lane_state::sink_failed) return broke(tunnel_end::upstream_gone);
  if (up == lane_state::ended && down == lane_state::ended) return finish(tunnel_end::finished);
  note(tunnel_way::up, up_, up);
  note(tunnel_way::down, down_, down);
  const bool yielded = up == lane_state::yielded || down == lane_state::yielded;
  return yielded ? tunnel_state::yielded : tunnel_state::open;
}

void tunnel::note(tunnel_way way, tunnel_lane& lane, lane_state state) {
  if (lane.take_progress()) clock_.moved(way, shard_.loop.now());
  clock_.set_blocked(way, state == lane_state::blocked);
  if (state == lane_state::ended) clock_.set_half_closed();
}

/// Who closes at once after the other side's end breaks nothing that mattered.
tunnel_state tunnel::broke(tunnel_end who) {
  return finish(up_.ended() || down_.ended() ? tunnel_end::finished : who);
}

tunnel_state tunnel::finish(tunnel_end why) {
  end_ = why;
  up_.drop();
  down_.drop();
  return tunnel_state::ended;
}

void tunnel::go_away() {
  end_ = tunnel_end::shutting_down;
  const auto& frames = down_.frames();
  // What waits behind a full socket may be the rest of a TLS record: nothing can go before it.
  const bool may_speak =
      websocket_ && !down_.ended() && down_.empty() && frames.at_boundary() && !frames.closing();
  if (may_speak) {
    std::array<char, websocket_going_away.size()> frame{};
    websocket_going_away.copy(frame.data(), frame.size());
    const iovec piece{frame.data(), frame.size()};
    client_.write({&piece, 1});
  }
  client_.io().shutdown_write();
}

} // namespace weir::net
