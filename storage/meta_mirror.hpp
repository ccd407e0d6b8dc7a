// The last agreed state of the cluster's store, kept on this node's disk: what it serves with when
// there is no quorum.
#pragma once

#include "base/meta_store.hpp"
#include "storage/errc.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rocksdb {
class DB;
class Env;
class WriteBatch;
} // namespace rocksdb

namespace weir::storage {

/// A RocksDB database in a folder of its own, mode 0700: it has the cluster's secrets. It holds one
/// snapshot, always a whole one of one revision: what is stored or applied is there altogether or
/// not at all, also after kill -9. Calls wait for the disk: from slow actors only, one at a time.
/// After an error what was there stands; a mirror that is too old does no harm, since whatever
/// needs the present state asks the cluster. It may be deleted while the node is stopped.
class meta_mirror {
public:
  /// Errors: those of errc. `env`: tests break the disk with it.
  static result<std::unique_ptr<meta_mirror>> open(const std::string& folder,
                                                   rocksdb::Env* env = nullptr);
  ~meta_mirror();
  meta_mirror(const meta_mirror&) = delete;
  meta_mirror& operator=(const meta_mirror&) = delete;

  /// 0: nothing was ever stored.
  std::uint64_t revision() const { return revision_; }
  /// Everything, without leases' ends: keys of leases may be gone by now.
  result<meta_snapshot> load();

  /// Replaces everything, whichever revision it is: a restored cluster begins lower.
  result<void> store(const meta_snapshot& snapshot);
  /// Goes on from revision() with whole revisions of a watch on everything; what it has already is
  /// passed over.
  result<void> apply(const std::vector<meta_event>& events);
  /// Forgets everything: the node has left the cluster.
  result<void> clear();

private:
  explicit meta_mirror(std::unique_ptr<rocksdb::DB> db);
  result<void> write(rocksdb::WriteBatch& batch, std::uint64_t revision);
  result<void> delete_all(rocksdb::WriteBatch& batch);

  std::unique_ptr<rocksdb::DB> db_;
  std::uint64_t revision_ = 0;
};

} // namespace weir::storage
