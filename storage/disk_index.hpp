// What the disk tier holds, in memory: who is there, who goes first, who has expired.
#pragma once

#include "storage/disk_record.hpp"
#include "storage/linked_table.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace weir::storage {

/// An object whose records are to be deleted.
struct disk_victim {
  cache_key key;
  std::uint8_t segments = 0;
};

/// Exact: a key that is not here is not on disk, so a miss costs no read. Some 70 bytes an object.
/// Order of leaving: the oldest first, but what was read meanwhile, or memory holds, gets another
/// round. Not thread-safe; told the time.
class disk_index {
public:
  /// The facts, or null.
  const disk_facts* find(const cache_key& key) const;
  /// The object was read: it gets another round.
  void mark_used(const cache_key& key);
  /// In place of what has this key; becomes the newest.
  void put(const cache_key& key, const disk_facts& facts);
  void erase(const cache_key& key);
  void clear();

  /// Takes out the oldest until at most `bytes` and `objects` are left. `hot` says who is used
  /// without being read here.
  void shrink(std::uint64_t bytes, std::uint64_t objects,
              const std::function<bool(const cache_key&)>& hot, std::vector<disk_victim>& out);
  /// Looks at the next `count` entries and takes out those that have expired.
  void sweep(std::int64_t now, std::size_t count, std::vector<disk_victim>& out);

  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t objects() const { return table_.size(); }

private:
  struct entry {
    disk_facts facts;
    bool used = false;
  };
  using table = linked_table<entry>;

  void take(table::index at, std::vector<disk_victim>* out);

  table table_;
  table::queue order_;
  std::uint64_t bytes_ = 0;
  std::size_t swept_ = 0; // where the next sweep begins
};

} // namespace weir::storage
