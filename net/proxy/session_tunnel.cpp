// The session's part when a connection has become a tunnel: what it keeps, and its end.
#include "net/proxy/downstream_session.hpp"

namespace weir::net {

namespace {

/// What the client said last is read away before the socket closes, or the kernel would answer it
/// with a reset that takes our last words with it.
constexpr int reads_before_close = 16;

std::vector<std::byte> packed(const access_record& line) {
  std::vector<std::byte> bytes(packed_size(line));
  pack(line, bytes);
  return bytes;
}

} // namespace

/// The exchange is over: it is counted, its memory goes back. A tunnel may live for days, so it
/// keeps only what its line of the log needs.
downstream_session::next downstream_session::begin_tunnel() {
  const auto& timeouts = limits().timeouts;
  const tunnel_limits limits{timeouts.tunnel, timeouts.idle, timeouts.write};
  std::vector<std::byte> line;
  std::string client;
  if (shard_.log != nullptr) line = packed(log_record(client));
  const auto begun = x_->times.begun;
  auto origin = work_->join.hand_over();
  count();
  if (x_->request.framing != body_framing::none) {
    in_ = work_->join.take_surplus();
    head_bytes_ = 0;
  }
  x_.reset();
  in_.consume(head_bytes_);
  head_bytes_ = 0;
  if (in_.empty()) in_.release();
  // The relay has nothing to say any more, although its event may have brought us here.
  work_.reset();
  upgraded_.reset(new upgraded{
      {shard_, *this, wire_, std::move(origin), std::move(in_), limits}, begun, std::move(line)});
  (client_.secure ? shard_.metrics.tunnels.open_https : shard_.metrics.tunnels.open_http).add();
  phase_ = phase::tunnelling;
  return next::go_on;
}

downstream_session::next downstream_session::do_tunnel() {
  const auto state = upgraded_->join.advance();
  if (state == tunnel_state::ended) return end_tunnel();
  if (state == tunnel_state::yielded) host_.continue_soon();
  set_deadline(upgraded_->join.deadline());
  return next::wait;
}

downstream_session::next downstream_session::end_tunnel() {
  const auto done = std::move(upgraded_);
  auto& metrics = shard_.metrics.tunnels;
  (client_.secure ? metrics.open_https : metrics.open_http).sub();
  metrics.bytes_up.add(done->join.bytes_up());
  metrics.bytes_down.add(done->join.bytes_down());
  metrics.ended[static_cast<std::size_t>(done->join.end())].add();
  if (shard_.log != nullptr && !done->record.empty()) {
    bool clipped = false;
    auto line = unpack(done->record, clipped);
    line.total = shard_.loop.now() - done->begun;
    line.bytes_in += done->join.bytes_up();
    line.bytes_out += done->join.bytes_down();
    line.reason = name_of(done->join.end());
    shard_.log->push(line);
  }
  if (done->join.end() == tunnel_end::shutting_down) {
    in_ = shard_.buffers.acquire(block_size::small);
    for (int i = 0; i < reads_before_close; ++i)
      if (wire_.read(in_.free_space()).status != io_status::ok) break;
  }
  close();
  return next::wait;
}

} // namespace weir::net
