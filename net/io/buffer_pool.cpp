// Free lists of two block sizes, last in first out: a block that was just used is in the CPU's
// cache.
#include "net/io/buffer_pool.hpp"

#include <cassert>
#include <cstring>
#include <utility>

namespace weir::net {

buffer& buffer::operator=(buffer&& other) noexcept {
  if (this != &other) {
    release();
    swap(other);
  }
  return *this;
}

void buffer::consume(std::size_t count) {
  assert(count <= size());
  begin_ += static_cast<std::uint32_t>(count);
  if (begin_ == end_) clear();
}

void buffer::compact() {
  if (begin_ == 0) return;
  std::memmove(block_, block_ + begin_, size());
  end_ -= begin_;
  begin_ = 0;
}

void buffer::release() {
  if (pool_) pool_->give_back(block_, capacity_);
  pool_ = nullptr;
  block_ = nullptr;
  capacity_ = begin_ = end_ = 0;
}

void buffer::swap(buffer& other) noexcept {
  std::swap(pool_, other.pool_);
  std::swap(block_, other.block_);
  std::swap(capacity_, other.capacity_);
  std::swap(begin_, other.begin_);
  std::swap(end_, other.end_);
}

buffer_pool::buffer_pool(std::size_t idle_bytes_max) : idle_bytes_max_(idle_bytes_max) {
  // So that giving back never allocates.
  small_.reserve(idle_bytes_max / bytes_of(block_size::small));
  large_.reserve(idle_bytes_max / bytes_of(block_size::large));
}

buffer_pool::~buffer_pool() {
  assert(used_bytes_ == 0 && "a buffer outlives its pool");
  for (auto* block : small_)
    delete[] block;
  for (auto* block : large_)
    delete[] block;
}

buffer buffer_pool::acquire(block_size size) {
  auto& idle = idle_of(bytes_of(size));
  char* block = nullptr;
  if (idle.empty()) {
    block = new char[bytes_of(size)];
  } else {
    block = idle.back();
    idle.pop_back();
    idle_bytes_ -= bytes_of(size);
  }
  used_bytes_ += bytes_of(size);
  return buffer(*this, block, size);
}

bool buffer_pool::grow(buffer& which) {
  if (which.capacity() >= bytes_of(block_size::large)) return false;
  auto larger = acquire(block_size::large);
  if (!which.empty()) std::memcpy(larger.block_, which.data(), which.size());
  larger.commit(which.size());
  which = std::move(larger);
  return true;
}

std::vector<char*>& buffer_pool::idle_of(std::size_t capacity) {
  return capacity == bytes_of(block_size::small) ? small_ : large_;
}

void buffer_pool::give_back(char* block, std::size_t capacity) {
  used_bytes_ -= capacity;
  if (idle_bytes_ + capacity > idle_bytes_max_) {
    delete[] block;
    return;
  }
  idle_of(capacity).push_back(block);
  idle_bytes_ += capacity;
}

} // namespace weir::net
