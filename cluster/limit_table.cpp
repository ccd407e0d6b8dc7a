// Slots, their locks, and who may be forgotten.
#include "cluster/limit_table.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <thread>

namespace weir::cluster {

struct limit_table::slot {
  limit_bucket bucket;
  limit_label label;
  std::uint32_t limit;
};

/// Plain, so that zeroed memory is a table of empty sets.
struct alignas(64) limit_table::slot_set {
  static constexpr std::size_t ways = 7;
  std::uint32_t lock;
  std::array<std::uint64_t, ways> hashes; // 0: empty
  std::array<slot, ways> slots;

  std::optional<std::size_t> find(std::uint64_t hash) const {
    for (std::size_t i = 0; i < ways; ++i)
      if (hashes[i] == hash) return i;
    return std::nullopt;
  }
  /// An empty way, else one whose key may be forgotten.
  std::optional<std::size_t> find_room(duration now) const {
    for (std::size_t i = 0; i < ways; ++i)
      if (hashes[i] == 0) return i;
    for (std::size_t i = 0; i < ways; ++i)
      if (slots[i].bucket.is_as_new(now)) return i;
    return std::nullopt;
  }
};

/// Holds a set's lock. Nobody sleeps with it, but the holder's thread may be preempted: then the
/// others give their core away.
class limit_table::locked_set {
public:
  explicit locked_set(slot_set& set) : set_(set), lock_(set.lock) {
    constexpr int patience = 100;
    for (int tries = 0; lock_.exchange(1, std::memory_order_acquire) != 0; ++tries)
      if (tries >= patience) std::this_thread::yield();
  }
  ~locked_set() { lock_.store(0, std::memory_order_release); }
  locked_set(const locked_set&) = delete;
  locked_set& operator=(const locked_set&) = delete;
  slot_set* operator->() { return &set_; }

private:
  slot_set& set_;
  std::atomic_ref<std::uint32_t> lock_;
};

limit_table::limit_table(std::uint64_t bytes)
    : set_count_(std::bit_floor(std::max<std::uint64_t>(bytes / sizeof(slot_set), 1))) {
  static_assert(sizeof(slot) == 64, "a slot is a cache line");
  static_assert(sizeof(slot_set) == 64 * (slot_set::ways + 1));
  auto room = set_count_ * sizeof(slot_set) + alignof(slot_set);
  memory_ = std::calloc(room, 1); // zero pages: memory only where a key comes
  if (memory_ == nullptr) throw std::bad_alloc();
  void* start = memory_;
  sets_ = static_cast<slot_set*>(
      std::align(alignof(slot_set), set_count_ * sizeof(slot_set), start, room));
}

limit_table::~limit_table() {
  std::free(memory_);
}

limit_table::slot_set& limit_table::set_of(std::uint64_t hash) const {
  // The sketch takes the low bits.
  return sets_[hash >> 40 & (set_count_ - 1)];
}

std::uint64_t limit_table::slots() const {
  return set_count_ * slot_set::ways;
}

limit_decision limit_table::take(const limit_key& key, const limit_terms& terms, duration now,
                                 limit_place& place, bool& fresh) {
  // The set's lock also keeps the key from moving between sketch and slot meanwhile.
  locked_set set(set_of(key.hash));
  auto way = set->find(key.hash);
  if (!way && (way = set->find_room(now))) {
    (set->hashes[*way] == 0 ? stats_.used : stats_.evictions)
        .fetch_add(1, std::memory_order_relaxed);
    set->hashes[*way] = key.hash;
    set->slots[*way] = {};
    set->slots[*way].limit = key.limit;
    set->slots[*way].bucket.full_at = sketch_.full_at(key.hash, terms, now);
    fresh = true;
  }
  place = {key.hash, !way};
  if (way)
    return cluster::take(set->slots[*way].bucket, terms, now, {}, elsewhere(key.hash, terms));
  stats_.overflows.fetch_add(1, std::memory_order_relaxed);
  return sketch_.take(key.hash, terms, now);
}

/// Of the key's requests under way, those that the sketch admitted before it had a slot.
std::uint32_t limit_table::elsewhere(std::uint64_t hash, const limit_terms& terms) const {
  return terms.concurrency == 0 ? 0 : sketch_.under_way(hash);
}

limit_decision limit_table::judge(const limit_key& key, const limit_terms& terms,
                                  duration now) const {
  locked_set set(set_of(key.hash));
  if (const auto way = set->find(key.hash))
    return cluster::judge(set->slots[*way].bucket, terms, now, {}, elsewhere(key.hash, terms));
  return sketch_.judge(key.hash, terms, now);
}

void limit_table::finish(const limit_place& place) {
  if (place.in_sketch) return sketch_.finish(place.hash);
  locked_set set(set_of(place.hash));
  // It is there: a key with something under way is not forgotten.
  if (const auto way = set->find(place.hash)) cluster::finish(set->slots[*way].bucket);
}

void limit_table::set_label(std::uint64_t hash, const limit_label& label) {
  locked_set set(set_of(hash));
  if (const auto way = set->find(hash)) set->slots[*way].label = label;
}

std::size_t limit_table::reset(const std::function<bool(const limit_entry&)>& wanted) {
  std::size_t count = 0;
  for (std::uint64_t i = 0; i < set_count_; ++i) {
    locked_set set(sets_[i]);
    for (std::size_t way = 0; way < slot_set::ways; ++way) {
      auto& one = set->slots[way];
      if (set->hashes[way] == 0 || !wanted({{set->hashes[way], one.limit}, one.label, one.bucket}))
        continue;
      one.bucket.full_at = {};
      ++count;
    }
  }
  return count;
}

void limit_table::each(const std::function<void(const limit_entry&)>& visit) const {
  for (std::uint64_t i = 0; i < set_count_; ++i) {
    std::array<limit_entry, slot_set::ways> seen;
    std::size_t count = 0;
    {
      locked_set set(sets_[i]);
      for (std::size_t way = 0; way < slot_set::ways; ++way)
        if (const auto& one = set->slots[way]; set->hashes[way] != 0)
          seen[count++] = {{set->hashes[way], one.limit}, one.label, one.bucket};
    }
    for (std::size_t k = 0; k < count; ++k)
      visit(seen[k]);
  }
}

} // namespace weir::cluster
