// The cache's store on one node: memory over disk, behind one interface for the actors.
#pragma once

#include "base/clock.hpp"
#include "base/stored_object.hpp"
#include "storage/disk_cache.hpp"
#include "storage/memory_cache.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace weir::storage {

struct object_cache_options {
  std::uint64_t memory_bytes = 0;
  std::uint64_t disk_bytes = 0; // 0: memory only
  std::string folder{};         // of the disk tier, its own; may be deleted whole
  /// What keys are hashed with: nobody outside may know it, and what is on disk is of no use under
  /// another one. See load_cache_secret().
  cache_key secret{};
  std::uint64_t free_floor = 0; // bytes of the folder's file system that are left alone
  const clock_source& clock = system_clock();
};

/// One per node, made before the shards run and destroyed after they have stopped. Any thread may
/// call anything at any time; nothing here waits for the disk.
///
/// An object is found as long as nobody erased it, it was not evicted, and the disk tier works.
/// What goes wrong on disk is a miss, a counter and one line in the log, never an error of a
/// request.
class object_cache {
public:
  explicit object_cache(const object_cache_options& options);
  ~object_cache();
  object_cache(const object_cache&) = delete;
  object_cache& operator=(const object_cache&) = delete;

  /// The key by which an object with this text is found here.
  cache_key key_of(std::string_view key_text) const;

  /// What memory holds, or null: then ask lookup_disk(). Allocates nothing.
  stored_object_ptr lookup_memory(const cache_key& key, std::string_view key_text);

  /// Asks the disk tier. What is surely not there is answered at once, without a read: `reading` is
  /// false and `object` null. So is what is only on its way to the disk: `object` is set. Else
  /// `done` is called exactly once, on a reader's thread, with the object or null; the object is in
  /// memory by then. A read may take as long as the disk does: who asks keeps a deadline and is
  /// ready for a late answer. When the cache closes, the reads still waiting are answered with
  /// null.
  disk_lookup lookup_disk(const cache_key& key, std::string_view key_text, read_handler done);

  /// What the two would find, without being a use of it; `reading`: only a read of the disk could
  /// tell.
  disk_lookup peek(const cache_key& key, std::string_view key_text) const;

  /// Keeps `object` in place of what has its key, in memory at once and on disk soon. May keep it
  /// in one tier only or in none, if it is too large or the disk is full or late. REQUIRES: its key
  /// is key_of(its text).
  void store(const stored_object_ptr& object);

  /// From now on no lookup finds what was stored under this key, not after a restart either.
  void erase(const cache_key& key);
  /// Erases what memory holds and `unwanted` is true for (see memory_cache::erase_if). What is on
  /// disk only stays: check it when it is found.
  std::size_t erase_if(const std::function<bool(const stored_object&)>& unwanted);
  /// Erases everything. The disk's space comes back soon after.
  void clear();

  /// The largest object that is worth collecting, in bytes of stored_object::charge().
  std::uint64_t object_max() const;

  /// Opens the disk tier, if there is one, in the background, and brings back into memory what was
  /// most used when it was closed. Once, when the process runs as whom it is to be.
  void open_disk();
  /// Writes what waits to be written, in the background, and closes the disk tier. Stores and
  /// lookups go on in memory, but what is erased from now on may be back after a restart: call it
  /// when no request is left.
  void close_disk();
  /// Whether close_disk() has finished. The destructor gives up what is not written by then.
  bool disk_closed() const;

  memory_cache_stats memory_stats() const { return memory_.stats(); }
  bool has_disk() const { return disk_ != nullptr; }
  /// REQUIRES: has_disk().
  disk_cache_stats disk_stats() const { return disk_->stats(); }

private:
  bool promote(const stored_object_ptr& object, bool warm);

  cache_key secret_;
  memory_cache memory_;
  std::unique_ptr<disk_cache> disk_; // null: memory only
};

/// The node's own secret for keys, from the file `path`; a new one is made and kept there if there
/// is none. What cannot be read or written costs the warm start, nothing else. Blocks on the disk.
cache_key load_cache_secret(const std::string& path);

} // namespace weir::storage
