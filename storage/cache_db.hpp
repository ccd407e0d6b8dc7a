// The disk tier's database: records in RocksDB, long ones in its blob files. Blocks; knows no
// threads.
#pragma once

#include "base/result.hpp"
#include "storage/disk_index.hpp"
#include "storage/disk_record.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
class Env;
class WriteBatch;
} // namespace rocksdb

namespace weir::storage {

struct cache_db_options {
  std::string folder;
  std::uint64_t bytes = 0; // the budget: sizes of buffers and files follow it
  cache_key secret{};      // what keys were hashed with: records under another one are of no use
  rocksdb::Env* env = nullptr; // tests: a disk that fails
};

/// One open database. read() from any thread, everything else from one at a time. Every call
/// blocks on the disk, from microseconds to whatever the disk takes.
///
/// Three column families: `default` (the format, the hot list), `facts` (a few numbers an object,
/// all read at a start) and `records` (heads and bodies; values of 16 KiB and more live in blob
/// files). A write is one atomic batch through the write-ahead log, not synced: a killed process
/// loses nothing that was written, a power cut the last moments. Erasing is synced.
class cache_db {
public:
  /// Writes of one batch.
  class batch {
  public:
    explicit batch(cache_db& db);
    ~batch();
    /// `before`: what the disk has under this key, or null.
    void put(const stored_object& object, const disk_facts& facts, const disk_facts* before);
    void erase(const cache_key& key, std::uint8_t segments);
    bool empty() const;

  private:
    friend class cache_db;
    cache_db& db_;
    std::unique_ptr<rocksdb::WriteBatch> writes_;
  };

  /// Errors: locked, no_folder, disk_full, corrupt, io_error; newer_format for a cache that another
  /// version of the program or another secret wrote: of no use to us.
  static result<std::unique_ptr<cache_db>> open(const cache_db_options& options);
  /// Deletes the folder with all that is in it.
  static void discard(const std::string& folder);
  ~cache_db();
  cache_db(const cache_db&) = delete;
  cache_db& operator=(const cache_db&) = delete;

  /// Tells the facts of every object, in the order of their keys. What makes no sense is passed
  /// over and will be found by nobody.
  result<void> load(const std::function<void(const cache_key&, const disk_facts&)>& see);

  /// The object that was written under this key with these facts. Null when the records are not
  /// (any more) those of that write, or make no sense.
  result<stored_object_ptr> read(const cache_key& key, const disk_facts& facts);
  result<void> write(batch& writes, bool sync);
  /// Deletes everything, by dropping the files. After a crash half-way, open() finishes it.
  result<void> wipe();

  result<std::vector<cache_key>> hot_keys();
  result<void> save_hot_keys(const std::vector<cache_key>& keys);

  /// Writes what is in memory and compacts, so that what was deleted gives its space back. Takes as
  /// long as it takes; ends early when `canceled`.
  result<void> reclaim(std::atomic<bool>& canceled);
  /// What the folder takes on disk, logs included.
  std::uint64_t disk_bytes() const;

private:
  explicit cache_db(const cache_db_options& options);
  result<void> open_families();
  result<void> check_format();
  result<void> drop_families();
  result<void> put_number(std::string_view name, std::uint64_t value);
  result<std::uint64_t> number(std::string_view name);

  cache_db_options options_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* about_ = nullptr; // owned, destroyed before the database
  rocksdb::ColumnFamilyHandle* facts_ = nullptr;
  rocksdb::ColumnFamilyHandle* records_ = nullptr;
};

} // namespace weir::storage
