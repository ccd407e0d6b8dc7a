// Every limit's keys on one node, in fixed memory: slots in small sets, and a sketch for what finds
// no slot.
#pragma once

#include "cluster/limit_bucket.hpp"
#include "cluster/limit_sketch.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

namespace weir::cluster {

/// What a slot remembers of its key for a person who looks: not used to decide.
struct limit_label {
  std::array<char, 24> bytes{};
  std::uint8_t size = 0;
  std::uint8_t kind = 0; // how to read the bytes: the caller's own
};

/// One key of one limit. `hash` is keyed and covers the limit as well as the key; `limit` only says
/// whose key it is.
struct limit_key {
  std::uint64_t hash = 0;
  std::uint32_t limit = 0;
};

/// Where an admitted request is counted as under way.
struct limit_place {
  std::uint64_t hash = 0;
  bool in_sketch = false;
};

/// One used slot, as it was a moment ago.
struct limit_entry {
  limit_key key;
  limit_label label;
  limit_bucket bucket;
};

struct limit_table_stats {
  std::atomic<std::uint64_t> used{0};      // slots that hold a key
  std::atomic<std::uint64_t> evictions{0}; // keys forgotten for others; their buckets were full
  std::atomic<std::uint64_t> overflows{0}; // decisions by the sketch
};

/// Called by every shard; one per node; lives as long as it. Sets of seven 64-byte slots behind one
/// line with their keys and a spin lock that is held for some ten nanoseconds: a decision about a
/// known key touches two cache lines, and keys of different sets never wait for each other.
///
/// Bounded and safe against a flood of keys: a slot is given to another key only when its bucket is
/// as new (full, nothing under way), so forgetting it changes no decision. When a set has no such
/// slot, the key is decided by the sketch, and carries what that knows into a slot it gets later.
/// Hence for each key admitted(W) <= burst + W / interval in every window W, whatever others do.
class limit_table {
public:
  /// At most `bytes`, at least one set; pages are only used when keys come.
  explicit limit_table(std::uint64_t bytes);
  ~limit_table();
  limit_table(const limit_table&) = delete;
  limit_table& operator=(const limit_table&) = delete;

  /// A decision; `place` is to be given to `finish` when it admitted and the terms have a
  /// concurrency. `label` is called when the key gets a slot.
  template <class Label>
  limit_decision take(const limit_key& key, const limit_terms& terms, duration now,
                      limit_place& place, Label&& label) {
    bool fresh = false;
    const auto out = take(key, terms, now, place, fresh);
    if (fresh) set_label(key.hash, label());
    return out;
  }
  /// What `take` would decide.
  limit_decision judge(const limit_key& key, const limit_terms& terms, duration now) const;
  void finish(const limit_place& place);

  /// Makes the buckets full that `wanted` picks; what is under way still counts. Returns how many.
  std::size_t reset(const std::function<bool(const limit_entry&)>& wanted);
  /// Shows every used slot; takes milliseconds on a full table.
  void each(const std::function<void(const limit_entry&)>& visit) const;

  std::uint64_t slots() const;
  const limit_table_stats& stats() const { return stats_; }

private:
  struct slot;
  struct slot_set;
  class locked_set;

  limit_decision take(const limit_key& key, const limit_terms& terms, duration now,
                      limit_place& place, bool& fresh);
  std::uint32_t elsewhere(std::uint64_t hash, const limit_terms& terms) const;
  void set_label(std::uint64_t hash, const limit_label& label);
  slot_set& set_of(std::uint64_t hash) const;

  void* memory_ = nullptr;
  slot_set* sets_ = nullptr;
  std::uint64_t set_count_; // a power of two
  limit_sketch sketch_;
  limit_table_stats stats_;
};

} // namespace weir::cluster
