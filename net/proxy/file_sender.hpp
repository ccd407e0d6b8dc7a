// Sends a planned file, or parts of it, by sendfile where that is possible.
#pragma once

#include "net/files/static_files.hpp"
#include "net/proxy/channel.hpp"

#include <cstddef>
#include <cstdint>

namespace weir::net {

/// One body of a `file_plan`, which outlives it. Lives on its session's shard.
class file_sender {
public:
  /// Bytes sent in one call before others get their turn.
  static constexpr std::uint64_t turn_bytes_max = 256 * 1024;

  void start(const file_plan& plan);
  /// `ok`: all of it is sent, or, with `yielded()`, its share of this turn. An error also when the
  /// file has become shorter than was promised.
  io_result advance(channel& client);
  bool yielded() const { return yielded_; }

private:
  /// One run of bytes of the body.
  struct piece {
    std::string_view text; // from memory, or else
    off_t offset = 0;      // from the file
    std::uint64_t length = 0;
  };
  piece at(std::size_t index) const;
  std::size_t pieces() const;

  const file_plan* plan_ = nullptr;
  std::size_t index_ = 0;
  std::uint64_t sent_ = 0; // of the current piece
  bool yielded_ = false;
};

} // namespace weir::net
