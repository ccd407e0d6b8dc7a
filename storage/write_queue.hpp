// What is on its way to the disk: the latest wish for each key, bounded, and readable meanwhile.
#pragma once

#include "base/stored_object.hpp"

#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

namespace weir::storage {

/// Store or erase one key. A null object: erase.
struct disk_write {
  cache_key key;
  stored_object_ptr object;
  std::uint64_t ticket = 0;
};

/// A later wish for a key replaces an earlier one; keys are taken in the order in which they came.
/// A wish counts, and is found, until it is done. Not thread-safe.
class write_queue {
public:
  struct limits {
    std::uint64_t bytes = 0;  // of objects waiting or being written
    std::uint64_t erases = 0; // an erase costs some hundred bytes of memory
  };
  enum class answer : std::uint8_t { unknown, stored, erased };
  struct found {
    answer what = answer::unknown;
    stored_object_ptr object;
  };

  explicit write_queue(const limits& most) : most_(most) {}

  /// False when it is full: then the key's earlier wish stands.
  bool store(const stored_object_ptr& object);
  /// False when there are too many to remember: then everything on disk must go.
  bool erase(const cache_key& key);
  found find(const cache_key& key) const;

  /// The next writes, about `bytes` of them, at least one if there is any.
  std::vector<disk_write> take(std::uint64_t bytes);
  /// It is on disk. A wish that came meanwhile stays.
  void done(const disk_write& write);
  /// It is not, and never will be: what the disk has under its key is outdated now, so it becomes
  /// an erase, unless another wish came meanwhile. False as for erase().
  bool failed(const disk_write& write);
  void clear();

  bool empty() const { return order_.empty(); }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t size() const { return wishes_.size(); }
  std::uint64_t erases() const { return wishes_.size() - objects_; }

private:
  struct wish {
    stored_object_ptr object;
    std::uint64_t ticket = 0;
    bool queued = false; // else it is being written
  };
  struct key_hash {
    std::size_t operator()(const cache_key& key) const { return key.low; }
  };

  void want(const cache_key& key, stored_object_ptr object);

  limits most_;
  std::unordered_map<cache_key, wish, key_hash> wishes_;
  std::deque<cache_key> order_;
  std::uint64_t bytes_ = 0;
  std::uint64_t objects_ = 0;
  std::uint64_t tickets_ = 0;
};

} // namespace weir::storage
