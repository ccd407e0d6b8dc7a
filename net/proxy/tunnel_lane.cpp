// The copy loop of a tunnel: write, read, in this order, until something blocks.
#include "net/proxy/tunnel_lane.hpp"

#include <sys/uio.h>

#include <algorithm>
#include <array>

namespace weir::net {

tunnel_lane::tunnel_lane(buffer_pool& buffers, buffer head, buffer in, bool follow_frames)
    : buffers_(buffers), head_(std::move(head)), in_(std::move(in)), follow_frames_(follow_frames) {
}

lane_state tunnel_lane::run(channel& from, channel& to) {
  if (ended_) return lane_state::ended;
  for (std::size_t moved = 0; moved < turn_bytes_max;) {
    if (const auto stop = write(to, moved)) return *stop;
    if (source_ended_) {
      to.io().shutdown_write();
      ended_ = true;
      drop();
      return lane_state::ended;
    }
    if (!from.readable()) return rest();
    if (in_.capacity() == 0 || (bulk_ && in_.capacity() == bytes_of(block_size::small)))
      in_ = buffers_.acquire(bulk_ ? block_size::large : block_size::small);
    in_.clear();
    const auto got = from.read(in_.free_space());
    if (got.status == io_status::again) return rest();
    if (got.status == io_status::error) return lane_state::source_failed;
    source_ended_ = got.status == io_status::eof;
    in_.commit(got.bytes);
    bulk_ = in_.free_space().empty();
    progress_ = true;
  }
  return lane_state::yielded;
}

std::optional<lane_state> tunnel_lane::write(channel& to, std::size_t& moved) {
  while (!empty()) {
    const std::array<iovec, 2> pieces{iovec{head_.data(), head_.size()},
                                      iovec{in_.data(), in_.size()}};
    const auto wrote = to.write(std::span(pieces).subspan(head_.empty() ? 1 : 0));
    if (wrote.status == io_status::again) return lane_state::blocked;
    if (wrote.status != io_status::ok) return lane_state::sink_failed;
    moved += wrote.bytes;
    note_written(wrote.bytes);
  }
  head_.release();
  return std::nullopt;
}

void tunnel_lane::note_written(std::size_t count) {
  progress_ = true;
  const auto of_head = std::min(count, head_.size());
  head_.consume(of_head);
  count -= of_head;
  if (follow_frames_) frames_.pass(in_.view().substr(0, count));
  in_.consume(count);
  bytes_ += count;
}

lane_state tunnel_lane::rest() {
  in_.release();
  bulk_ = false;
  return lane_state::idle;
}

void tunnel_lane::drop() {
  head_.release();
  in_.release();
}

} // namespace weir::net
