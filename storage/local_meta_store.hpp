// The MetaStore of a node that is alone: what a cluster agrees on, agreed with itself.
#pragma once

#include "base/clock.hpp"
#include "base/meta_store.hpp"
#include "storage/meta_db.hpp"

#include <memory>

namespace weir::storage {

struct local_meta_options {
  meta_db_options database;
  const clock_source& clock = system_clock();
  duration tick = std::chrono::milliseconds(100); // between looks at what leases are over
  duration retry_every = std::chrono::seconds(1); // of a disk that failed
};

/// Keeps the contract on a RocksDB database of its own, with one thread that does everything in the
/// order it was asked. Every change is on disk before it is answered. When the disk is full or
/// broken, reads go on, whatever would write is `unavailable`, and the disk is tried again. A write
/// that failed half-way is looked up: `unknown` only if the disk cannot even be read.
class local_meta_store final : public meta_store {
public:
  /// Opens, or makes, the store. Errors: those of errc.
  static result<std::unique_ptr<local_meta_store>> open(local_meta_options options);
  ~local_meta_store() override;

  void read(std::string prefix, handler<meta_snapshot> then) override;
  void commit(meta_transaction what, handler<meta_outcome> then) override;
  void grant(std::chrono::seconds ttl, handler<std::uint64_t> then) override;
  void keep_alive(std::uint64_t lease, handler<void> then) override;
  void revoke(std::uint64_t lease, handler<void> then) override;
  std::unique_ptr<meta_watch> watch(std::string prefix, std::uint64_t from,
                                    handler<std::vector<meta_event>> then) override;

private:
  class worker;
  explicit local_meta_store(std::unique_ptr<worker> work);
  std::unique_ptr<worker> worker_;
};

} // namespace weir::storage
