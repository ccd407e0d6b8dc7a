// FIFO with another round for what is used.
#include "storage/disk_index.hpp"

#include <algorithm>

namespace weir::storage {

namespace {

/// Other rounds given in one call: a cache that is all hot must shrink too, and whoever waits for
/// the index not for long.
constexpr std::uint64_t rounds_max = 1024;

} // namespace

const disk_facts* disk_index::find(const cache_key& key) const {
  const auto at = table_.find(key);
  return at == table::none ? nullptr : &table_[at].facts;
}

void disk_index::mark_used(const cache_key& key) {
  const auto at = table_.find(key);
  if (at != table::none) table_[at].used = true;
}

void disk_index::put(const cache_key& key, const disk_facts& facts) {
  auto at = table_.find(key);
  if (at == table::none) {
    at = table_.add(key);
  } else {
    bytes_ -= table_[at].facts.bytes;
    table_.unlink(order_, at);
  }
  table_[at] = {facts, false};
  table_.push_newest(order_, at);
  bytes_ += facts.bytes;
}

void disk_index::erase(const cache_key& key) {
  const auto at = table_.find(key);
  if (at != table::none) take(at, nullptr);
}

void disk_index::clear() {
  table_.clear();
  order_ = {};
  bytes_ = 0;
  swept_ = 0;
}

void disk_index::shrink(std::uint64_t bytes, std::uint64_t objects,
                        const std::function<bool(const cache_key&)>& hot,
                        std::vector<disk_victim>& out) {
  auto rounds = std::min(table_.size(), rounds_max);
  while (order_.count > 0 && (bytes_ > bytes || order_.count > objects)) {
    const auto at = order_.oldest;
    auto& oldest = table_[at];
    if (rounds > 0 && (oldest.used || hot(table_.key(at)))) {
      --rounds;
      oldest.used = false;
      table_.unlink(order_, at);
      table_.push_newest(order_, at);
      continue;
    }
    take(at, &out);
  }
}

void disk_index::sweep(std::int64_t now, std::size_t count, std::vector<disk_victim>& out) {
  if (swept_ >= table_.slots()) swept_ = 0;
  const auto end = std::min(table_.slots(), swept_ + count);
  for (; swept_ < end; ++swept_) {
    const auto at = static_cast<table::index>(swept_);
    if (table_.used(at) && table_[at].facts.expires <= now) take(at, &out);
  }
}

void disk_index::take(table::index at, std::vector<disk_victim>* out) {
  const auto& facts = table_[at].facts;
  if (out != nullptr) out->push_back({table_.key(at), facts.segments});
  bytes_ -= facts.bytes;
  table_.unlink(order_, at);
  table_.drop(at);
}

} // namespace weir::storage
