// A stream without a socket: a test says what arrives and how much is taken, and sees what was
// written.
#pragma once

#include "base/unique_fd.hpp"
#include "net/io/stream.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace weir::test {

/// The wire of one scripted_stream, kept by the test; it outlives the stream.
struct wire_script {
  std::string arriving; // not read yet
  bool ended = false;   // eof behind `arriving`
  bool broken = false;  // reads and writes fail
  std::size_t reads_at_most = SIZE_MAX;
  std::size_t room = SIZE_MAX; // bytes the peer still takes
  std::string written;
  bool ended_by_us = false;
  bool closed = false; // the stream is gone
  int reads = 0;       // calls
};

/// Its descriptor is an eventfd, so that a loop can watch it; no event ever comes.
class scripted_stream final : public net::stream {
public:
  explicit scripted_stream(std::shared_ptr<wire_script> script) : wire_(std::move(script)) {}
  ~scripted_stream() override { wire_->closed = true; }

  net::io_result handshake() override { return {}; }
  net::io_result read(std::span<char> into) override {
    ++wire_->reads;
    if (wire_->broken) return {net::io_status::error, 0, ECONNRESET};
    auto& in = wire_->arriving;
    if (in.empty()) return {wire_->ended ? net::io_status::eof : net::io_status::again, 0, 0};
    const auto count = std::min({in.size(), into.size(), wire_->reads_at_most});
    std::memcpy(into.data(), in.data(), count);
    in.erase(0, count);
    return {net::io_status::ok, count, 0};
  }
  net::io_result write(std::span<const iovec> from) override {
    if (wire_->broken) return {net::io_status::error, 0, EPIPE};
    std::size_t total = 0;
    for (const auto& piece : from) {
      const auto count = std::min(piece.iov_len, wire_->room);
      wire_->written.append(static_cast<const char*>(piece.iov_base), count);
      wire_->room -= count;
      total += count;
      if (count < piece.iov_len) break;
    }
    if (total == 0) return {net::io_status::again, 0, 0};
    return {net::io_status::ok, total, 0};
  }
  net::io_result send_file(int file, off_t& offset, std::size_t count) override {
    std::string bytes(std::min(count, wire_->room), '\0');
    if (bytes.empty()) return {net::io_status::again, 0, 0};
    const auto got = ::pread(file, bytes.data(), bytes.size(), offset);
    if (got <= 0) return {net::io_status::error, 0, EIO};
    bytes.resize(static_cast<std::size_t>(got));
    offset += got;
    wire_->room -= bytes.size();
    wire_->written += bytes;
    return {net::io_status::ok, bytes.size(), 0};
  }
  bool drained() const override { return wire_->arriving.empty(); }
  void shutdown_write() override { wire_->ended_by_us = true; }
  int fd() const override { return fd_.get(); }
  bool encrypted() const override { return false; }

private:
  std::shared_ptr<wire_script> wire_;
  unique_fd fd_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
};

inline std::shared_ptr<wire_script> make_wire() {
  return std::make_shared<wire_script>();
}

} // namespace weir::test
