// Size classes with a note of the class in front of each block.
#include "net/encode/block_recycler.hpp"

#include <bit>
#include <cstdlib>
#include <limits>

namespace weir::net {

namespace {

constexpr std::size_t note_bytes = alignof(std::max_align_t);
/// Noted for blocks too large to be kept.
constexpr unsigned unkept = std::numeric_limits<unsigned>::max();

} // namespace

block_recycler::~block_recycler() {
  for (const auto& blocks : idle_)
    for (auto* block : blocks)
      std::free(block);
}

void* block_recycler::take(std::size_t size) {
  if (size > std::numeric_limits<std::size_t>::max() / 2) return nullptr;
  const auto whole = size + note_bytes;
  const auto bits = whole <= (std::size_t{1} << first_bits)
                        ? first_bits
                        : static_cast<unsigned>(std::bit_width(whole - 1));
  void* block = nullptr;
  if (bits > last_bits) {
    block = std::malloc(whole);
  } else if (auto& blocks = idle_[bits - first_bits]; !blocks.empty()) {
    block = blocks.back();
    blocks.pop_back();
    idle_bytes_ -= std::size_t{1} << bits;
  } else {
    block = std::malloc(std::size_t{1} << bits);
  }
  if (block == nullptr) return nullptr;
  *static_cast<unsigned*>(block) = bits > last_bits ? unkept : bits;
  return static_cast<char*>(block) + note_bytes;
}

void block_recycler::give_back(void* given) {
  if (given == nullptr) return;
  void* block = static_cast<char*>(given) - note_bytes;
  const auto bits = *static_cast<unsigned*>(block);
  if (bits == unkept || idle_bytes_ + (std::size_t{1} << bits) > idle_bytes_max_)
    return std::free(block);
  idle_bytes_ += std::size_t{1} << bits;
  idle_[bits - first_bits].push_back(block);
}

} // namespace weir::net
