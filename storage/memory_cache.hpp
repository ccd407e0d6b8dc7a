// The memory tier of the cache: one table for the whole node, bounded by bytes, evicting by
// S3-FIFO.
#pragma once

#include "storage/cache_stripe.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace weir::storage {

/// Sums since the start, and the present.
struct memory_cache_stats {
  std::uint64_t bytes = 0;
  std::uint64_t objects = 0;
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t stored = 0;
  std::uint64_t too_large = 0;     // not admitted
  std::uint64_t evicted_small = 0; // seen too seldom to stay
  std::uint64_t evicted_main = 0;  // stayed, and cooled down
  std::uint64_t erased = 0;
};

struct memory_cache_options {
  std::uint64_t bytes = 0; // the budget, overhead included
  /// A power of two; 0: as suits the budget.
  std::size_t stripes = 0;
};

/// Objects by key. Any thread; a call holds one stripe's mutex for well under a microsecond, except
/// where said. Never holds more than its budget. A hit allocates nothing.
class memory_cache {
public:
  /// An object that would take more than this part of the budget is not admitted: it would push
  /// out hundreds of others.
  static constexpr std::uint64_t object_share = 8;

  explicit memory_cache(const memory_cache_options& options);

  /// The object, or null. Counts as a use of it.
  stored_object_ptr find(const cache_key& key, std::string_view key_text);
  /// The same, without being a use of it.
  stored_object_ptr peek(const cache_key& key, std::string_view key_text) const;
  /// Whether it is here, without being a use of it.
  bool holds(const cache_key& key) const;
  /// Keeps `object` in place of what has its key. False when it is too large to be admitted: then
  /// what was there is gone too.
  bool put(stored_object_ptr object);
  /// As put(), but what has its key stays; `warm`: it is known to be wanted, so it need not prove
  /// itself first.
  bool put_if_absent(stored_object_ptr object, bool warm);
  bool erase(const cache_key& key);
  /// Erases `object` if it is still the one with its key.
  bool erase(const stored_object_ptr& object);
  /// Erases all for which `unwanted` is true; returns how many. It is called under a stripe's
  /// mutex, for a few hundred objects at a time, and must be quick. What is put meanwhile may be
  /// passed over. Takes milliseconds: not on a shard.
  std::size_t erase_if(const std::function<bool(const stored_object&)>& unwanted);
  void clear();

  /// The keys of the objects that were used most, best first, at most `most`. Takes milliseconds:
  /// not on a shard.
  std::vector<cache_key> hottest(std::size_t most);

  std::uint64_t budget() const { return budget_; }
  /// Held, or about to be.
  std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  std::uint64_t object_max() const { return budget_ / object_share; }
  memory_cache_stats stats() const;

private:
  struct alignas(64) stripe {
    mutable std::mutex mutex;
    cache_stripe table;
  };
  using doomed = std::vector<stored_object_ptr>; // destroyed when no mutex is held

  stripe& stripe_of(const cache_key& key) const { return stripes_[key.high & mask_]; }
  bool insert(stored_object_ptr object, bool replace, bool warm);
  bool make_room(cache_stripe& table, doomed& out);

  const std::uint64_t budget_;
  std::size_t mask_ = 0;
  std::unique_ptr<stripe[]> stripes_;
  std::atomic<std::uint64_t> bytes_{0}; // held or about to be
  std::atomic<std::uint64_t> too_large_{0};
};

} // namespace weir::storage
