// One body's part of the memory that all fetches of a node collect in.
#pragma once

#include <atomic>
#include <cstdint>

namespace weir::net {

/// Counted in a sum that all shards share, as long as it lives. One shard's.
class collecting_share {
public:
  /// What all fetches of a node may collect at once.
  static constexpr std::uint64_t most = std::uint64_t{256} << 20;

  collecting_share() = default;
  ~collecting_share() { release(); }
  collecting_share(const collecting_share&) = delete;
  collecting_share& operator=(const collecting_share&) = delete;

  /// Takes so much more of `all`, the same at every call. False: that is too much in sum.
  bool take(std::atomic<std::uint64_t>& all, std::uint64_t bytes) {
    all_ = &all;
    bytes_ += bytes;
    return all.fetch_add(bytes, std::memory_order_relaxed) + bytes <= most;
  }
  void release() {
    if (bytes_ == 0) return;
    all_->fetch_sub(bytes_, std::memory_order_relaxed);
    bytes_ = 0;
  }

private:
  std::atomic<std::uint64_t>* all_ = nullptr;
  std::uint64_t bytes_ = 0;
};

} // namespace weir::net
