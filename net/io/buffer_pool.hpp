// Recycled blocks of memory for one shard's reads and writes: no allocation per request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace weir::net {

class buffer_pool;

/// The two sizes of block: a head and a first piece of body; bulk data and large heads. The large
/// one takes 64 KiB, in which much of the world moves data, and the head in front of them at once.
enum class block_size : std::uint8_t { small, large };
constexpr std::size_t bytes_of(block_size size) {
  return size == block_size::small ? std::size_t{16} << 10 : std::size_t{72} << 10;
}

/// A block from the pool with what is in it: [data, data + size) is content, behind it is free
/// space. Empty-handed (capacity 0) when default-made, moved from or released. Lives on the pool's
/// shard, not longer than the pool.
class buffer {
public:
  buffer() = default;
  ~buffer() { release(); }
  buffer(buffer&& other) noexcept { swap(other); }
  buffer& operator=(buffer&& other) noexcept;

  const char* data() const { return block_ + begin_; }
  char* data() { return block_ + begin_; }
  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  std::string_view view() const { return {data(), size()}; }
  /// Where the next bytes are read to; then `commit` what came.
  std::span<char> free_space() { return {block_ + end_, capacity_ - end_}; }
  std::size_t capacity() const { return capacity_; }

  /// The first `count` bytes are used up. REQUIRES: count <= size().
  void consume(std::size_t count);
  /// `count` bytes were put into the free space. REQUIRES: count <= free_space().size().
  void commit(std::size_t count) { end_ += static_cast<std::uint32_t>(count); }
  void clear() { begin_ = end_ = 0; }
  /// Moves the content to the front so that all the free space is behind it. Views become invalid.
  void compact();
  /// Gives the block back to the pool, content and all.
  void release();
  void swap(buffer& other) noexcept;

private:
  friend class buffer_pool;
  buffer(buffer_pool& pool, char* block, block_size size)
      : pool_(&pool), block_(block), capacity_(static_cast<std::uint32_t>(bytes_of(size))) {}

  buffer_pool* pool_ = nullptr;
  char* block_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t begin_ = 0;
  std::uint32_t end_ = 0;
};

/// One shard's blocks. Idle ones are kept, the last used first, up to a cap; the rest goes back to
/// the allocator. Lives on one thread; how many blocks are out is limited by who takes them (the
/// connection limit), not here.
class buffer_pool {
public:
  static constexpr std::size_t default_idle_bytes = std::size_t{16} << 20;

  explicit buffer_pool(std::size_t idle_bytes_max = default_idle_bytes);
  ~buffer_pool();
  buffer_pool(const buffer_pool&) = delete;
  buffer_pool& operator=(const buffer_pool&) = delete;

  buffer acquire(block_size size);
  /// Moves the content of a small buffer into a large block; false when it is large already.
  bool grow(buffer& which);

  std::size_t idle_bytes() const { return idle_bytes_; }
  std::size_t used_bytes() const { return used_bytes_; }

private:
  friend class buffer;
  std::vector<char*>& idle_of(std::size_t capacity);
  void give_back(char* block, std::size_t capacity);

  std::size_t idle_bytes_max_;
  std::size_t idle_bytes_ = 0;
  std::size_t used_bytes_ = 0;
  std::vector<char*> small_;
  std::vector<char*> large_;
};

} // namespace weir::net
