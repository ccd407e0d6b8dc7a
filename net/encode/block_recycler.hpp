// Memory that a library asks for in the same sizes again and again.
#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace weir::net {

/// Blocks by powers of two, 256 bytes to 4 MiB; idle ones are kept up to a cap, the rest goes back
/// to the allocator. Brotli's encoder cannot be reset, only made anew: with this its parts are not.
/// Lives on one thread.
class block_recycler {
public:
  explicit block_recycler(std::size_t idle_bytes_max) : idle_bytes_max_(idle_bytes_max) {}
  ~block_recycler();
  block_recycler(const block_recycler&) = delete;
  block_recycler& operator=(const block_recycler&) = delete;

  /// Null: out of memory. Aligned as malloc aligns.
  void* take(std::size_t size);
  void give_back(void* block);
  std::size_t idle_bytes() const { return idle_bytes_; }

private:
  static constexpr unsigned first_bits = 8, last_bits = 22;

  std::array<std::vector<void*>, last_bits - first_bits + 1> idle_;
  std::size_t idle_bytes_ = 0;
  std::size_t idle_bytes_max_;
};

} // namespace weir::net
