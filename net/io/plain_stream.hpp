// A stream without TLS: the socket itself.
#pragma once

#include "base/unique_fd.hpp"
#include "net/io/stream.hpp"

namespace weir::net {

/// One connected TCP or unix socket. A short read counts as drained, which spares the read that
/// would only say EAGAIN; when an event says hang-up, read until `eof` all the same: a FIN that
/// arrived together with the last bytes is not told again.
class plain_stream final : public stream {
public:
  /// Takes a non-blocking, connected (or connecting) socket.
  explicit plain_stream(unique_fd fd) : fd_(std::move(fd)) {}

  io_result handshake() override { return {}; }
  io_result read(std::span<char> into) override;
  io_result write(std::span<const iovec> from) override;
  io_result send_file(int file, off_t& offset, std::size_t count) override;
  bool drained() const override { return drained_; }
  void shutdown_write() override;
  int fd() const override { return fd_.get(); }
  bool encrypted() const override { return false; }

private:
  unique_fd fd_;
  bool drained_ = true; // nothing is known to be there until an event says so
};

} // namespace weir::net
