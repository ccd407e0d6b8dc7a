// A hash table whose entries also stand in queues: what caches find by key and evict by age.
#pragma once

#include "base/stored_object.hpp"

#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace weir::storage {

/// Entries by key, each with a T, addressed by a number that stays the entry's while it lives.
/// Growing moves no entry. An entry stands in at most one queue; its owner knows in which. At most
/// 2^32 - 2 entries. Not thread-safe.
template <class T>
class linked_table {
public:
  using index = std::uint32_t;
  static constexpr index none = UINT32_MAX;

  /// Entries from oldest to newest.
  struct queue {
    index newest = none;
    index oldest = none;
    std::uint64_t count = 0;
  };

  linked_table() : buckets_(first_buckets, none) {}

  index find(const cache_key& key) const {
    auto at = buckets_[bucket(key)];
    while (at != none && slots_[at].key != key)
      at = slots_[at].chained;
    return at;
  }

  T& operator[](index at) { return slots_[at].value; }
  const T& operator[](index at) const { return slots_[at].value; }
  const cache_key& key(index at) const { return slots_[at].key; }
  /// The next newer in its queue.
  index newer(index at) const { return slots_[at].newer; }

  /// A new entry, in no queue. REQUIRES: none has this key.
  index add(const cache_key& key) {
    if (count_ == buckets_.size()) grow();
    auto at = unused_;
    if (at == none) {
      at = static_cast<index>(slots_.size());
      slots_.emplace_back();
    } else {
      unused_ = slots_[at].chained;
    }
    slots_[at].key = key;
    slots_[at].used = true;
    slots_[at].chained = std::exchange(buckets_[bucket(key)], at);
    ++count_;
    return at;
  }

  /// REQUIRES: in no queue.
  void drop(index at) {
    auto* link = &buckets_[bucket(slots_[at].key)];
    while (*link != at)
      link = &slots_[*link].chained;
    *link = slots_[at].chained;
    slots_[at] = slot{};
    slots_[at].chained = std::exchange(unused_, at);
    --count_;
  }

  void push_newest(queue& to, index at) {
    auto& pushed = slots_[at];
    pushed.newer = none;
    pushed.older = std::exchange(to.newest, at);
    (pushed.older == none ? to.oldest : slots_[pushed.older].newer) = at;
    ++to.count;
  }

  void unlink(queue& from, index at) {
    const auto& leaving = slots_[at];
    (leaving.newer == none ? from.newest : slots_[leaving.newer].older) = leaving.older;
    (leaving.older == none ? from.oldest : slots_[leaving.older].newer) = leaving.newer;
    --from.count;
  }

  std::uint64_t size() const { return count_; }
  /// Numbers of entries are below this; some may be unused.
  std::size_t slots() const { return slots_.size(); }
  bool used(index at) const { return slots_[at].used; }

  void clear() { *this = linked_table{}; }

private:
  static constexpr std::size_t first_buckets = 64;

  struct slot {
    cache_key key;
    T value{};
    index newer = none; // neighbours in its queue
    index older = none;
    index chained = none; // next in the bucket, or in the list of unused slots
    bool used = false;
  };

  std::size_t bucket(const cache_key& key) const { return key.low & (buckets_.size() - 1); }

  void grow() {
    buckets_.assign(buckets_.size() * 2, none);
    for (index at = 0; at < slots_.size(); ++at)
      if (slots_[at].used) slots_[at].chained = std::exchange(buckets_[bucket(slots_[at].key)], at);
  }

  std::vector<index> buckets_;
  std::deque<slot> slots_;
  index unused_ = none;
  std::uint64_t count_ = 0;
};

} // namespace weir::storage
