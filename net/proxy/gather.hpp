// Pieces of memory on their way to a socket, gathered into one write.
#pragma once

#include "net/proxy/channel.hpp"

#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace weir::net {

/// A short list of pieces that are written in order and never copied. Whoever adds a piece keeps
/// its memory still until `flush` has written it.
class gather {
public:
  static constexpr std::size_t pieces_max = 16;

  bool empty() const { return first_ == count_; }
  /// Whether `n` more pieces fit.
  bool room_for(std::size_t n) const { return count_ + n <= pieces_max; }
  std::size_t bytes() const;

  /// Extends the last piece when it lies right behind it. REQUIRES: room_for(1).
  void add(std::string_view piece);
  void clear() { first_ = count_ = 0; }

  /// Writes until nothing is left (`ok`), or the sink blocks or fails; `bytes` is what this call
  /// wrote.
  io_result flush(channel& to);

private:
  void consume(std::size_t bytes);

  std::array<iovec, pieces_max> pieces_;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
};

} // namespace weir::net
