// A bounded queue of byte records from one thread to another, without locks or allocation.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

namespace weir {

/// Single producer, single consumer. A record lies in one piece, so it is written and read in
/// place; one that does not fit is refused at once. The two sides may be created and destroyed
/// together by any thread.
class log_ring {
public:
  /// REQUIRES: `capacity` is a power of two and at least 64.
  explicit log_ring(std::size_t capacity)
      : capacity_(capacity), bytes_(std::make_unique<std::byte[]>(capacity)) {}

  /// Space for a record of `size` bytes, or empty when there is none. Producer only; `commit`
  /// publishes it.
  std::span<std::byte> reserve(std::size_t size);
  void commit();

  /// The oldest record, or empty. Consumer only; valid until `release`.
  std::span<const std::byte> front();
  void release();

  std::size_t capacity() const { return capacity_; }

private:
  using length = std::uint64_t; // keeps records aligned to 8
  static constexpr length skip_to_start = ~length{0};
  static constexpr std::size_t line = 64; // a cache line: the two sides do not share one

  static std::size_t block_of(std::size_t size) {
    return sizeof(length) + (size + sizeof(length) - 1) / sizeof(length) * sizeof(length);
  }
  std::byte* at(std::uint64_t position) { return bytes_.get() + (position & (capacity_ - 1)); }
  std::size_t until_end(std::uint64_t position) const {
    return capacity_ - static_cast<std::size_t>(position & (capacity_ - 1));
  }

  std::size_t capacity_;
  std::unique_ptr<std::byte[]> bytes_;
  alignas(line) std::atomic<std::uint64_t> written_{0}; // the producer's
  std::uint64_t read_seen_ = 0;                         // the producer's copy of read_
  std::uint64_t reserved_until_ = 0;
  alignas(line) std::atomic<std::uint64_t> read_{0}; // the consumer's
  std::uint64_t front_until_ = 0;
};

inline std::span<std::byte> log_ring::reserve(std::size_t size) {
  const auto start = written_.load(std::memory_order_relaxed);
  const std::size_t block = block_of(size);
  const std::size_t tail = until_end(start);
  const std::size_t padding = tail < block ? tail : 0;
  if (block > capacity_) return {};
  if (start + padding + block - read_seen_ > capacity_) {
    read_seen_ = read_.load(std::memory_order_acquire);
    if (start + padding + block - read_seen_ > capacity_) return {};
  }
  if (padding > 0) std::memcpy(at(start), &skip_to_start, sizeof skip_to_start);
  const auto begin = start + padding;
  const length recorded = size;
  std::memcpy(at(begin), &recorded, sizeof recorded);
  reserved_until_ = begin + block;
  return {at(begin) + sizeof(length), size};
}

inline void log_ring::commit() {
  written_.store(reserved_until_, std::memory_order_release);
}

inline std::span<const std::byte> log_ring::front() {
  const auto end = written_.load(std::memory_order_acquire);
  auto start = read_.load(std::memory_order_relaxed);
  if (start == end) return {};
  length size = 0;
  std::memcpy(&size, at(start), sizeof size);
  if (size == skip_to_start) {
    start += until_end(start);
    std::memcpy(&size, at(start), sizeof size);
  }
  front_until_ = start + block_of(size);
  return {at(start) + sizeof(length), static_cast<std::size_t>(size)};
}

inline void log_ring::release() {
  read_.store(front_until_, std::memory_order_release);
}

} // namespace weir
