// The stripes, and the one budget over all of them.
#include "storage/memory_cache.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace weir::storage {

namespace {

constexpr std::size_t stripes_max = 64;
/// A stripe smaller than this evicts by chance rather than by merit.
constexpr std::uint64_t stripe_bytes = 4u << 20;
/// Entries visited with a stripe's mutex held.
constexpr std::size_t visit_chunk = 256;

std::size_t stripe_count(const memory_cache_options& options) {
  if (options.stripes > 0) return std::bit_floor(options.stripes);
  return std::bit_floor(std::clamp<std::size_t>(options.bytes / stripe_bytes, 1, stripes_max));
}

} // namespace

memory_cache::memory_cache(const memory_cache_options& options) : budget_(options.bytes) {
  const auto count = stripe_count(options);
  mask_ = count - 1;
  stripes_ = std::make_unique<stripe[]>(count);
  for (std::size_t i = 0; i < count; ++i)
    stripes_[i].table = cache_stripe(budget_ / count);
}

stored_object_ptr memory_cache::find(const cache_key& key, std::string_view key_text) {
  auto& home = stripe_of(key);
  const std::lock_guard lock(home.mutex);
  return home.table.find(key, key_text);
}

stored_object_ptr memory_cache::peek(const cache_key& key, std::string_view key_text) const {
  const auto& home = stripe_of(key);
  const std::lock_guard lock(home.mutex);
  const auto* held = home.table.peek(key);
  return held != nullptr && (*held)->key_text() == key_text ? *held : nullptr;
}

bool memory_cache::holds(const cache_key& key) const {
  auto& home = stripe_of(key);
  const std::lock_guard lock(home.mutex);
  return home.table.peek(key) != nullptr;
}

bool memory_cache::put(stored_object_ptr object) {
  if (object->charge() <= object_max()) return insert(std::move(object), true, false);
  too_large_.fetch_add(1, std::memory_order_relaxed);
  erase(object->key());
  return false;
}

bool memory_cache::put_if_absent(stored_object_ptr object, bool warm) {
  if (object->charge() > object_max()) return false;
  return insert(std::move(object), false, warm);
}

/// The bytes are taken from the budget first: what is held never exceeds it, whoever else inserts.
bool memory_cache::insert(stored_object_ptr object, bool replace, bool warm) {
  const auto charge = object->charge();
  doomed out;
  bytes_.fetch_add(charge, std::memory_order_relaxed);
  auto& home = stripe_of(object->key());
  std::unique_lock lock(home.mutex);
  if (!make_room(home.table, out)) {
    lock.unlock();
    for (std::size_t i = 0; i <= mask_; ++i) {
      const std::lock_guard other(stripes_[i].mutex);
      if (make_room(stripes_[i].table, out)) break;
    }
    lock.lock();
  }
  const bool fits = bytes_.load(std::memory_order_relaxed) <= budget_; // not: others are quicker
  const bool kept = fits && (replace || home.table.peek(object->key()) == nullptr);
  const auto before = home.table.bytes() + charge;
  if (kept)
    home.table.insert(std::move(object), warm, out);
  else if (replace)
    home.table.erase(object->key(), out);
  bytes_.fetch_sub(before - home.table.bytes(), std::memory_order_relaxed);
  return kept;
}

/// Evicts until the budget holds. False when the stripe has no more to give.
bool memory_cache::make_room(cache_stripe& table, doomed& out) {
  while (bytes_.load(std::memory_order_relaxed) > budget_) {
    const auto before = table.bytes();
    if (!table.evict_one(out)) return false;
    bytes_.fetch_sub(before - table.bytes(), std::memory_order_relaxed);
  }
  return true;
}

bool memory_cache::erase(const cache_key& key) {
  doomed out;
  auto& home = stripe_of(key);
  const std::lock_guard lock(home.mutex);
  const auto before = home.table.bytes();
  const bool held = home.table.erase(key, out);
  bytes_.fetch_sub(before - home.table.bytes(), std::memory_order_relaxed);
  return held;
}

bool memory_cache::erase(const stored_object_ptr& object) {
  doomed out;
  auto& home = stripe_of(object->key());
  const std::lock_guard lock(home.mutex);
  const auto* held = home.table.peek(object->key());
  if (held == nullptr || *held != object) return false;
  home.table.erase(object->key(), out);
  bytes_.fetch_sub(object->charge(), std::memory_order_relaxed);
  return true;
}

std::size_t memory_cache::erase_if(const std::function<bool(const stored_object&)>& unwanted) {
  std::size_t erased = 0;
  std::vector<cache_key> chosen;
  for (std::size_t i = 0; i <= mask_; ++i) {
    auto& each = stripes_[i];
    bool more = true;
    for (std::size_t from = 0; more; from += visit_chunk) {
      doomed out;
      chosen.clear();
      const std::lock_guard lock(each.mutex);
      more = each.table.visit(from, visit_chunk, [&](const stored_object_ptr& object, unsigned) {
        if (unwanted(*object)) chosen.push_back(object->key());
      });
      const auto before = each.table.bytes();
      for (const auto& key : chosen)
        each.table.erase(key, out);
      bytes_.fetch_sub(before - each.table.bytes(), std::memory_order_relaxed);
      erased += chosen.size();
    }
  }
  return erased;
}

void memory_cache::clear() {
  for (std::size_t i = 0; i <= mask_; ++i) {
    doomed out;
    const std::lock_guard lock(stripes_[i].mutex);
    const auto before = stripes_[i].table.bytes();
    stripes_[i].table.clear(out);
    bytes_.fetch_sub(before, std::memory_order_relaxed);
  }
}

std::vector<cache_key> memory_cache::hottest(std::size_t most) {
  using used_key = std::pair<unsigned, cache_key>;
  std::vector<used_key> found;
  for (std::size_t i = 0; i <= mask_; ++i) {
    bool more = true;
    for (std::size_t from = 0; more; from += visit_chunk) {
      const std::lock_guard lock(stripes_[i].mutex);
      more = stripes_[i].table.visit(from, visit_chunk,
                                     [&](const stored_object_ptr& object, unsigned uses) {
                                       found.emplace_back(uses, object->key());
                                     });
    }
  }
  const auto better = [](const used_key& a, const used_key& b) { return a.first > b.first; };
  if (found.size() > most) {
    std::ranges::nth_element(found, found.begin() + static_cast<std::ptrdiff_t>(most), better);
    found.resize(most);
  }
  std::ranges::sort(found, better);
  std::vector<cache_key> out;
  out.reserve(found.size());
  for (const auto& [uses, key] : found)
    out.push_back(key);
  return out;
}

memory_cache_stats memory_cache::stats() const {
  memory_cache_stats sum;
  sum.too_large = too_large_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i <= mask_; ++i) {
    const std::lock_guard lock(stripes_[i].mutex);
    const auto& table = stripes_[i].table;
    sum.bytes += table.bytes();
    sum.objects += table.objects();
    sum.hits += table.counters().hits;
    sum.misses += table.counters().misses;
    sum.stored += table.counters().stored;
    sum.evicted_small += table.counters().evicted_small;
    sum.evicted_main += table.counters().evicted_main;
    sum.erased += table.counters().erased;
  }
  return sum;
}

} // namespace weir::storage
