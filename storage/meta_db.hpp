// The agreed facts of a single node on its disk: entries, leases and the history that watches need
// (RocksDB).
#pragma once

#include "base/meta_store.hpp"
#include "storage/errc.hpp"
#include "storage/meta_record.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class DB;
class Env;
class WriteBatch;
} // namespace rocksdb

namespace weir::storage {

struct meta_db_options {
  std::string folder;
  std::uint64_t history_revisions = 10'000; // kept for watches, and
  std::uint64_t history_bytes = 64u << 20;  // no more than this; the newest always
  rocksdb::Env* env = nullptr;              // tests break the disk with it
};

/// The changes under a prefix from some revision on, up to `next`.
struct meta_history {
  std::vector<meta_event> events;
  std::uint64_t next = 0; // the revision to go on from
};

/// The database in one folder, mode 0700; one process at a time. One thread. Whatever returns
/// without an error is on disk. After a write that failed it looks what is there: then it reads on,
/// and `make_writable` tries to get back.
class meta_db {
public:
  /// Opens, or makes, the store. Errors: those of errc.
  static result<std::unique_ptr<meta_db>> open(meta_db_options options);
  ~meta_db();
  meta_db(const meta_db&) = delete;
  meta_db& operator=(const meta_db&) = delete;

  std::uint64_t revision() const { return revision_; }
  /// A watch from an earlier revision has lost something.
  std::uint64_t kept_from() const { return kept_from_; }
  /// All leases with their time to live.
  const std::map<std::uint64_t, std::chrono::seconds>& leases() const { return leases_; }

  // Errors of these: `unavailable`, and of those that write `unknown`.
  result<meta_snapshot> read(const std::string& prefix);     // and `too_large`
  result<meta_outcome> commit(const meta_transaction& what); // and `no_lease`
  result<std::uint64_t> grant(std::chrono::seconds ttl);
  result<void> revoke(std::uint64_t lease); // and `no_lease`
  /// Whole revisions from `from` on, about `bytes_max` of them at least.
  /// REQUIRES: kept_from() <= from.
  result<meta_history> history(const std::string& prefix, std::uint64_t from,
                               std::size_t bytes_max);

  /// False after a write that failed.
  bool writable() const { return writable_; }
  /// Opens the store anew for writing; false: the disk is still no good.
  bool make_writable();

private:
  explicit meta_db(meta_db_options options);

  result<void> reopen(bool for_writing);
  result<void> load();
  result<void> load_fields();
  result<void> load_entries();
  result<void> load_leases();
  result<void> load_history();

  result<std::uint64_t> field(meta_field which, std::uint64_t absent);
  result<std::optional<meta_entry>> find(const std::string& key);
  result<std::vector<meta_event>> effects_of(const meta_transaction& what);
  result<void> record(rocksdb::WriteBatch& batch, const std::vector<meta_event>& events);
  result<void> write(rocksdb::WriteBatch& batch);
  void attach(const meta_event& event);

  meta_db_options options_;
  std::unique_ptr<rocksdb::DB> db_;
  bool writable_ = false;
  std::uint64_t revision_ = 1;
  std::uint64_t kept_from_ = 1;
  std::uint64_t last_lease_ = 0;
  std::uint64_t batches_ = 0;
  std::map<std::uint64_t, std::chrono::seconds> leases_;
  std::map<std::string, std::uint64_t> leased_; // key to lease
  std::deque<std::uint64_t> history_sizes_;     // of the newest revisions, the oldest first
  std::uint64_t history_bytes_ = 0;
};

} // namespace weir::storage
