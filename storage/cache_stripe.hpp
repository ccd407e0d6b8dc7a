// One stripe of the memory cache: a table and the three queues of S3-FIFO (Yang et al., "FIFO
// queues are all you need for cache eviction", SOSP 2023).
#pragma once

#include "storage/linked_table.hpp"

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace weir::storage {

/// Counters of one stripe since the start.
struct stripe_counters {
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t stored = 0;
  std::uint64_t evicted_small = 0;
  std::uint64_t evicted_main = 0;
  std::uint64_t erased = 0;
};

/// New objects begin in a small queue; who was used there twice moves to the main queue, the others
/// leave a ghost behind. Whoever comes back while its ghost is remembered goes to the main queue at
/// once. The main queue is a FIFO that gives what was used another round. Not thread-safe; decides
/// what to evict, not when: its owner keeps the budget.
class cache_stripe {
public:
  using doomed = std::vector<stored_object_ptr>;

  /// `share`: the bytes that are this stripe's part of the budget; a tenth is the small queue's.
  explicit cache_stripe(std::uint64_t share = 0);

  stored_object_ptr find(const cache_key& key, std::string_view key_text);
  /// The object with this key, without being a use of it.
  const stored_object_ptr* peek(const cache_key& key) const;
  /// Keeps `object`; what had its key goes to `out`. `warm`: straight to the main queue.
  void insert(stored_object_ptr object, bool warm, doomed& out);
  /// Erases what has this key, leaving no ghost.
  bool erase(const cache_key& key, doomed& out);
  /// Evicts one object. False when there is none.
  bool evict_one(doomed& out);
  void clear(doomed& out);

  /// Visits the entries with numbers [from, from + count): present objects only, with the times
  /// they were used lately. False when there is no entry beyond.
  bool visit(std::size_t from, std::size_t count,
             const std::function<void(const stored_object_ptr&, unsigned uses)>& see) const;

  std::uint64_t bytes() const { return small_.bytes + main_.bytes; }
  std::uint64_t objects() const { return small_.count + main_.count; }
  std::uint64_t ghosts() const { return ghost_.count; }
  const stripe_counters& counters() const { return counters_; }

private:
  static constexpr std::uint8_t uses_max = 3;     // two bits
  static constexpr std::uint8_t uses_to_stay = 2; // in the small queue
  static constexpr std::uint8_t warm_use = 1;
  enum class place : std::uint8_t { small, main, ghost };

  struct entry {
    stored_object_ptr object; // null in the ghost queue
    std::uint8_t uses = 0;
    place where = place::small;
  };
  using table = linked_table<entry>;
  struct queue : table::queue {
    std::uint64_t bytes = 0;
  };

  queue& queue_of(place where);
  void push(table::index at, place where);
  void unlink(table::index at);
  bool evict_from_small(doomed& out);
  bool evict_from_main(doomed& out);
  void trim_ghosts();

  std::uint64_t small_share_;
  table entries_;
  queue small_;
  queue main_;
  queue ghost_;
  stripe_counters counters_;
};

} // namespace weir::storage
