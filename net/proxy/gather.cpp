// Gathered writes that survive being partial.
#include "net/proxy/gather.hpp"

#include <cassert>

namespace weir::net {

std::size_t gather::bytes() const {
  std::size_t sum = 0;
  for (auto i = first_; i < count_; ++i)
    sum += pieces_[i].iov_len;
  return sum;
}

void gather::add(std::string_view piece) {
  if (piece.empty()) return;
  if (!empty()) {
    auto& last = pieces_[count_ - 1];
    if (static_cast<const char*>(last.iov_base) + last.iov_len == piece.data()) {
      last.iov_len += piece.size();
      return;
    }
  }
  assert(room_for(1));
  pieces_[count_++] = {const_cast<char*>(piece.data()), piece.size()};
}

io_result gather::flush(channel& to) {
  io_result total;
  while (!empty()) {
    const auto wrote = to.write({&pieces_[first_], count_ - first_});
    total.bytes += wrote.bytes;
    if (wrote.status != io_status::ok) {
      total.status = wrote.status;
      total.error = wrote.error;
      return total;
    }
    consume(wrote.bytes);
  }
  clear();
  return total;
}

void gather::consume(std::size_t bytes) {
  while (bytes > 0) {
    auto& piece = pieces_[first_];
    if (bytes < piece.iov_len) {
      piece.iov_base = static_cast<char*>(piece.iov_base) + bytes;
      piece.iov_len -= bytes;
      return;
    }
    bytes -= piece.iov_len;
    ++first_;
  }
}

} // namespace weir::net
