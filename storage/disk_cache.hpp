// The disk tier of the cache: a bounded store that may be slow, full, broken or deleted, and then
// is only a cache that finds less.
#pragma once

#include "base/clock.hpp"
#include "storage/cache_db.hpp"
#include "storage/disk_index.hpp"
#include "storage/write_queue.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace weir::storage {

/// The disk tier's answer to a lookup, or that it comes later.
struct disk_lookup {
  stored_object_ptr object;
  bool reading = false;
};
using read_handler = std::function<void(stored_object_ptr)>;

enum class disk_state : std::uint8_t {
  idle,    // open() was not called
  opening, // for the first time
  up,
  down, // failed; tried again and again
  closed,
};

/// Sums since the start, and the present.
struct disk_cache_stats {
  disk_state state = disk_state::idle;
  std::uint64_t bytes = 0; // the folder's size when last measured
  std::uint64_t objects = 0;
  std::uint64_t queue_bytes = 0;  // waiting to be written
  std::uint64_t queue_writes = 0; // the same, and erases
  std::uint64_t written = 0;
  std::uint64_t read_hits = 0;
  std::uint64_t read_misses = 0;   // looked promising, was not there
  std::uint64_t reads_refused = 0; // too many waited: answered as misses
  std::uint64_t skipped_queue = 0; // not stored: the disk is too slow
  std::uint64_t skipped_space = 0; // not stored: the file system or the budget is full
  std::uint64_t skipped_size = 0;  // not stored: too large
  std::uint64_t skipped_down = 0;  // not stored: no disk tier
  std::uint64_t evicted_space = 0; // to keep the budget
  std::uint64_t evicted_expired = 0;
  std::uint64_t errors = 0; // of the disk, opening included
};

struct disk_cache_options {
  std::string folder;            // of its own; deleted when it is of no use
  std::uint64_t bytes = 0;       // the budget
  std::uint64_t objects_max = 0; // bounds the index's memory, some 80 bytes each
  std::uint64_t free_floor = 0;  // of the file system: with less free nothing is stored
  cache_key secret{};
  /// Whether memory holds this object: then it is wanted, though nobody reads it here.
  std::function<bool(const cache_key&)> hot;
  /// Brings an object to memory, after a read or (`warm`) unasked at a start. False: enough of
  /// that.
  std::function<bool(const stored_object_ptr&, bool warm)> promote;
  /// What to bring back after a restart, the best first.
  std::function<std::vector<cache_key>()> hottest;
  const clock_source& clock = system_clock();
  duration tick = std::chrono::seconds(1); // measuring, sweeping
  duration first_retry = std::chrono::seconds(1);
  rocksdb::Env* env = nullptr; // tests: a disk that fails
};

/// Any thread may call; nothing waits for the disk but the destructor. One thread writes, two read.
///
/// Failures: when the disk fails, everything is a miss until it has been opened again, which is
/// tried with growing waits up to a minute. What was erased meanwhile is erased then, before
/// anybody reads. What makes no sense (another version's, corrupt) is deleted and begun anew.
class disk_cache {
public:
  explicit disk_cache(disk_cache_options options);
  /// Gives up what still waits; close() first.
  ~disk_cache();
  disk_cache(const disk_cache&) = delete;
  disk_cache& operator=(const disk_cache&) = delete;

  /// Starts the threads, which open the database. Once.
  void open();
  /// Writes what waits and closes, in the background.
  void close();
  bool closed() const;

  /// See object_cache::lookup_disk.
  disk_lookup lookup(const cache_key& key, std::string_view key_text, read_handler done);
  /// See object_cache::peek.
  disk_lookup peek(const cache_key& key, std::string_view key_text) const;
  void store(const stored_object_ptr& object);
  void erase(const cache_key& key);
  void clear();

  disk_cache_stats stats() const;

private:
  using lock = std::unique_lock<std::mutex>;
  struct pending_read {
    cache_key key;
    std::string key_text; // empty: whatever it is
    read_handler done;
  };

  // disk_cache.cpp; the mutex is held
  disk_lookup glance(const cache_key& key, std::string_view key_text, std::int64_t now) const;
  void forget(const cache_key& key);
  void want_wipe();
  std::uint64_t* reason_to_skip(const stored_object& object);
  std::uint64_t byte_limit() const;
  bool readable() const { return state_ == disk_state::up && !wipe_; }

  // disk_reader.cpp
  void run_reader();
  void read_one(lock& held, pending_read next, bool warm);
  stored_object_ptr still_valid(const cache_key& key, std::uint64_t stamp, std::uint64_t wipes,
                                stored_object_ptr object);

  // disk_writer.cpp; those that take the lock give it away while the disk works, and return false
  // when it failed
  void run_writer();
  std::unique_ptr<cache_db> open_database();
  bool begin_serving(std::unique_ptr<cache_db> db);
  void serve();
  bool write_some(lock& held);
  bool look_around(lock& held);
  bool measure(lock& held);
  bool shrink_now(lock& held);
  bool delete_records(lock& held, const std::vector<disk_victim>& victims);
  bool wipe_now(lock& held);
  bool save_hottest(lock& held);
  void stop_serving();
  bool check(const result<void>& done);
  void went_down(duration wait);

  const disk_cache_options options_;

  mutable std::mutex mutex_; // guards all below but the threads and the flags
  std::condition_variable writer_wakes_;
  std::condition_variable reader_wakes_;
  std::condition_variable reads_ended_;
  disk_state state_ = disk_state::idle;
  bool closing_ = false;
  bool wipe_ = false;       // everything on disk is to go; nothing of it is found meanwhile
  bool full_ = false;       // nothing is stored
  bool changed_ = true;     // since the folder was measured
  std::uint64_t wipes_ = 0; // counts clear(): what was under way then is outdated
  std::uint64_t next_stamp_ = 1;
  std::shared_ptr<cache_db> db_;
  disk_index index_;
  disk_index wiped_; // the one before a wipe: long to free, so the writer does it
  write_queue queue_;
  std::deque<pending_read> reads_;
  std::deque<cache_key> warm_;
  unsigned active_reads_ = 0;
  disk_cache_stats stats_;

  std::atomic<bool> abandoned_{false}; // end at once
  std::atomic<bool> cancel_reclaim_{false};
  // The writer's own:
  error_code problem_; // why it stopped serving
  steady_time next_look_{};
  steady_time next_save_{};
  std::thread writer_;
  std::array<std::thread, 2> readers_;
};

} // namespace weir::storage
