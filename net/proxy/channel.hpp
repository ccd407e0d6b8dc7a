// A stream together with what the edge-triggered loop has said about it.
#pragma once

#include "net/io/event_loop.hpp"
#include "net/io/stream.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace weir::net {

/// Remembers readiness between events, so that no system call is made only to learn EAGAIN: an
/// edge-triggered loop says once that a socket became ready, and a short read says that it no
/// longer is. Lives on the shard of its stream.
class channel {
public:
  channel() = default;
  explicit channel(std::unique_ptr<stream> io) : io_(std::move(io)) {}

  void note(io_events events) {
    readable_ |= events.readable || events.hangup;
    writable_ |= events.writable || events.hangup;
    hangup_ |= events.hangup;
  }

  io_result read(std::span<char> into) {
    if (!readable_) return {io_status::again, 0, 0};
    const auto got = io_->read(into);
    // After a hang-up no further edge comes: read on until the end of the stream is seen.
    if (got.status == io_status::again ||
        (got.status == io_status::ok && io_->drained() && !hangup_))
      readable_ = false;
    return got;
  }

  io_result write(std::span<const iovec> from) {
    if (!writable_) return {io_status::again, 0, 0};
    return noted(io_->write(from));
  }

  io_result send_file(int file, off_t& offset, std::size_t count) {
    if (!writable_) return {io_status::again, 0, 0};
    return noted(io_->send_file(file, offset, count));
  }

  stream& io() { return *io_; }
  const stream& io() const { return *io_; }
  bool open() const { return io_ != nullptr; }
  bool readable() const { return readable_; }
  bool hangup() const { return hangup_; }
  /// Since the connection began.
  std::uint64_t written_bytes() const { return written_; }
  /// Bytes that were written past the stream: a PROXY header.
  void count_written(std::size_t bytes) { written_ += bytes; }
  void close() { io_.reset(); }

private:
  io_result noted(io_result moved) {
    if (moved.status == io_status::again) writable_ = false;
    written_ += moved.bytes;
    return moved;
  }

  std::unique_ptr<stream> io_;
  std::uint64_t written_ = 0;
  bool readable_ = true; // unknown until tried
  bool writable_ = true;
  bool hangup_ = false;
};

} // namespace weir::net
