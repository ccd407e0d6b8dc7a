// Blocks of a body, and what an object costs.
#include "base/stored_object.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir {

namespace {

/// The first block of a body whose length is not known.
constexpr std::uint64_t first_block = 4u << 10;

} // namespace

shared_bytes shared_bytes::copy_of(std::string_view bytes) {
  auto owner = std::make_shared_for_overwrite<char[]>(bytes.size());
  std::memcpy(owner.get(), bytes.data(), bytes.size());
  const std::string_view view(owner.get(), bytes.size());
  return {std::move(owner), view};
}

std::vector<shared_bytes> blocks_of(std::string bytes) {
  const auto owner = std::make_shared<const std::string>(std::move(bytes));
  return blocks_of(owner, *owner);
}

std::vector<shared_bytes> blocks_of(std::shared_ptr<const void> owner, std::string_view view) {
  std::vector<shared_bytes> blocks;
  blocks.reserve((view.size() + body_block_max - 1) / body_block_max);
  for (std::size_t at = 0; at < view.size(); at += body_block_max)
    blocks.emplace_back(owner, view.substr(at, body_block_max));
  return blocks;
}

void body_collector::append(std::string_view bytes) {
  bytes_ += bytes.size();
  while (!bytes.empty()) {
    if (used_ == capacity_) begin_block(bytes.size());
    const auto piece = bytes.substr(0, capacity_ - used_);
    std::memcpy(block_.get() + used_, piece.data(), piece.size());
    used_ += piece.size();
    bytes.remove_prefix(piece.size());
  }
}

/// Blocks double, so that a body of unknown length wastes little and has few blocks.
void body_collector::begin_block(std::size_t at_least) {
  end_block();
  const auto done = bytes_ - at_least; // before this block
  const auto wanted =
      expected_ > done ? expected_ - done : std::max<std::uint64_t>({done, at_least, first_block});
  capacity_ = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, body_block_max));
  block_ = std::make_shared_for_overwrite<char[]>(capacity_);
  used_ = 0;
}

void body_collector::end_block() {
  if (used_ == 0) return;
  const std::string_view view(block_.get(), used_);
  // A last block that is mostly empty would be charged for less than it takes.
  if (used_ * 8 < capacity_ * 7)
    blocks_.push_back(shared_bytes::copy_of(view));
  else
    blocks_.emplace_back(block_, view);
  block_.reset();
  used_ = capacity_ = 0;
}

std::vector<shared_bytes> body_collector::take() {
  end_block();
  bytes_ = 0;
  return std::exchange(blocks_, {});
}

stored_object::stored_object(parts values) : values_(std::move(values)) {
  for (const auto& block : values_.body)
    body_bytes_ += block.size();
  constexpr std::size_t block_overhead = sizeof(shared_bytes) + 48; // and its count and header
  charge_ = sizeof(stored_object) + overhead + values_.key_text.size() + values_.meta.size() +
            values_.body.size() * block_overhead + body_bytes_;
}

} // namespace weir
