// A node's small, precious facts on disk: who it is, how often it started, whether it is drained
// (RocksDB).
#pragma once

#include "base/node_id.hpp"
#include "base/result.hpp"
#include "storage/ban_record.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class DB;
class WriteBatch;
} // namespace rocksdb

namespace weir::storage {

/// What the store knows about its node, as of begin_life().
struct node_facts {
  node_id id;
  std::uint64_t incarnation = 0; // starts of this node, this one included
  bool drained = false;
};

/// Counters since opening.
struct store_stats {
  std::atomic<std::uint64_t> writes{0};
  std::atomic<std::uint64_t> failures{0};
};

/// The database in one folder. One process at a time may have it open. Every write is on disk when
/// the call returns (a few milliseconds, more on a bad day), so it is called at start and from slow
/// actors, never from a shard or the control thread. Thread-safe. After a failed write the old
/// value stands.
class state_store {
public:
  /// Opens, or makes, the store in `folder` (mode 0700). Errors: locked, no_folder, disk_full,
  /// corrupt, newer_format, io_error.
  static result<std::unique_ptr<state_store>> open(const std::string& folder);
  ~state_store();
  state_store(const state_store&) = delete;
  state_store& operator=(const state_store&) = delete;

  /// Counts one more start, in one atomic write. `certified` is the id in the node's certificate
  /// and wins over what is stored; without one the stored id is kept, or `fresh` is taken on the
  /// very first start.
  result<node_facts> begin_life(const std::optional<node_id>& certified, const node_id& fresh);
  /// Remembers across restarts whether an operator drained this node.
  result<void> set_drained(bool drained);

  /// The bans that were put and not erased; what cannot be read is left out and counted.
  result<std::vector<ban_record>> bans();
  result<void> put_ban(const ban_record& record);
  result<void> erase_ban(const config::cidr& network);

  const store_stats& stats() const { return stats_; }

private:
  explicit state_store(std::unique_ptr<rocksdb::DB> db);

  result<void> check_format();
  result<std::optional<std::string>> read(std::string_view key);
  result<std::uint64_t> read_number(std::string_view key, std::uint64_t absent);
  result<void> write(rocksdb::WriteBatch& batch);

  std::unique_ptr<rocksdb::DB> db_;
  store_stats stats_;
};

} // namespace weir::storage
