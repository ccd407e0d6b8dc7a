// Count-min over buckets and over requests under way.
#include "cluster/limit_sketch.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>

namespace weir::cluster {

namespace {

/// Zero pages that cost no memory before they are written.
template <class T>
T* zeroed(std::size_t count) {
  auto* memory = std::calloc(count, sizeof(T));
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<T*>(memory);
}

} // namespace

void limit_sketch::zeroed_free::operator()(void* memory) const {
  std::free(memory);
}

limit_sketch::limit_sketch() : full_at_(zeroed<cells>(sizes)), under_way_(zeroed<counts>(1)) {}

limit_sketch::cells& limit_sketch::of(const limit_terms& terms) const {
  const auto fill = static_cast<std::uint64_t>(terms.fill().count());
  return full_at_[static_cast<std::size_t>(std::bit_width(fill)) % sizes];
}

limit_bucket limit_sketch::bucket(std::uint64_t key, const limit_terms& terms) const {
  limit_bucket out;
  out.full_at = duration::max();
  out.under_way = UINT32_MAX;
  const auto& cell = of(terms);
  for (std::size_t row = 0; row < rows; ++row) {
    out.full_at = std::min(out.full_at, duration(cell[row][column(key, row)]));
    out.under_way = std::min(out.under_way, (*under_way_)[row][column(key, row)]);
  }
  return out;
}

limit_decision limit_sketch::take(std::uint64_t key, const limit_terms& terms, duration now) {
  const std::lock_guard lock(mutex_);
  auto mine = bucket(key, terms);
  const auto out = cluster::take(mine, terms, now);
  if (!out.admitted()) return out;
  auto& cell = of(terms);
  for (std::size_t row = 0; row < rows; ++row) {
    auto& full = cell[row][column(key, row)];
    full = std::max<std::int64_t>(full, mine.full_at.count());
    if (terms.concurrency != 0) ++(*under_way_)[row][column(key, row)];
  }
  if (terms.concurrency != 0) under_way_all_.fetch_add(1, std::memory_order_relaxed);
  quiet_from_.store(
      std::max<std::int64_t>(quiet_from_.load(std::memory_order_relaxed), mine.full_at.count()),
      std::memory_order_relaxed);
  return out;
}

limit_decision limit_sketch::judge(std::uint64_t key, const limit_terms& terms,
                                   duration now) const {
  const std::lock_guard lock(mutex_);
  return cluster::judge(bucket(key, terms), terms, now);
}

void limit_sketch::finish(std::uint64_t key) {
  const std::lock_guard lock(mutex_);
  for (std::size_t row = 0; row < rows; ++row)
    --(*under_way_)[row][column(key, row)];
  under_way_all_.fetch_sub(1, std::memory_order_relaxed);
}

duration limit_sketch::full_at(std::uint64_t key, const limit_terms& terms, duration now) const {
  if (quiet_from_.load(std::memory_order_relaxed) <= now.count()) return {};
  const std::lock_guard lock(mutex_);
  return bucket(key, terms).full_at;
}

std::uint32_t limit_sketch::under_way(std::uint64_t key) const {
  if (under_way_all_.load(std::memory_order_relaxed) == 0) return 0;
  const std::lock_guard lock(mutex_);
  std::uint32_t least = UINT32_MAX;
  for (std::size_t row = 0; row < rows; ++row)
    least = std::min(least, (*under_way_)[row][column(key, row)]);
  return least;
}

} // namespace weir::cluster
