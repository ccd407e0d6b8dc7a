// What the nodes of a cluster agree on: a small ordered map with transactions, leases and watches.
// The storage engine of one node and the etcd engine of a cluster keep the same contract
// (tests/support/meta_contract.hpp); the model is etcd's KV.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir {

/// Why a MetaStore has not done what it was asked.
enum class meta_errc {
  unavailable = 1, // no quorum, no connection, or a store that cannot write: nothing was changed
  unknown,         // sent, and no answer in time: it may have been done
  busy,            // too much is waiting; nothing was sent
  too_large,       // a key, value, transaction or answer above the limits below
  compacted,       // a watch from a revision that is no longer kept: read, and watch from there
  no_lease,        // the lease is not or no longer there
  denied,          // the store does not know us
  closed,          // the store is being shut down
};
error_code make_error_code(meta_errc value);

/// A key with its value, as of some revision.
struct meta_entry {
  std::string key;
  std::string value;
  std::uint64_t created = 0;  // revision that put it where nothing was
  std::uint64_t modified = 0; // revision that put this value
  std::uint64_t lease = 0;    // it goes with this lease; 0: it stays
  bool operator==(const meta_entry&) const = default;
};

/// All keys under a prefix, in byte order, at one revision of the whole store.
struct meta_snapshot {
  std::uint64_t revision = 0;
  std::vector<meta_entry> entries;
};

/// What must hold for a transaction to be done: `key` was last put at `modified`; 0: it is absent.
struct meta_condition {
  std::string key;
  std::uint64_t modified = 0;
};

/// Puts `value`, with `lease` if it is not 0; or erases the key.
struct meta_change {
  enum class kind : std::uint8_t { put, erase };
  kind what = kind::put;
  std::string key;
  std::string value = {};
  std::uint64_t lease = 0;
};

/// All changes at one revision if all conditions hold, else none. No key is changed twice.
struct meta_transaction {
  std::vector<meta_condition> conditions;
  std::vector<meta_change> changes;
};

struct meta_outcome {
  bool applied = false;       // false: a condition does not hold
  std::uint64_t revision = 0; // of the store afterwards
};

/// One revision's change of one key. Of an erased key: its name, and the revision as `modified`.
struct meta_event {
  bool erased = false;
  meta_entry entry;
};

/// Ends the watch when it goes. Its handler is not called afterwards, unless it is running.
class meta_watch {
public:
  virtual ~meta_watch() = default;
};

/// Asynchronous and thread-safe. Each handler is called exactly once (a watch's: often), on a
/// thread of the store's own or the caller's, and must neither throw nor block. Every wait has a
/// deadline. Reads and transactions are linearizable.
class meta_store {
public:
  static constexpr std::size_t key_bytes_max = 512;
  static constexpr std::size_t value_bytes_max = std::size_t{1} << 20;       // etcd takes 1.5 MiB
  static constexpr std::size_t transaction_bytes_max = std::size_t{5} << 18; // 1.25 MiB, all told
  static constexpr std::size_t changes_max = 128;                            // etcd's default
  static constexpr std::size_t waiting_max = 64; // requests under way; then `busy`
  static constexpr duration answer_max = std::chrono::seconds(3);

  template <class T>
  using handler = std::function<void(result<T>)>;

  virtual ~meta_store() = default;

  /// Everything under `prefix`, as agreed by a quorum.
  virtual void read(std::string prefix, handler<meta_snapshot> then) = 0;
  /// Errors: `unknown` when it may have been done; then read what is there.
  virtual void commit(meta_transaction what, handler<meta_outcome> then) = 0;

  /// A lease of `ttl` (whole seconds, at least 2): its number. Keys put with it go when nobody has
  /// kept it alive for that long.
  virtual void grant(std::chrono::seconds ttl, handler<std::uint64_t> then) = 0;
  virtual void keep_alive(std::uint64_t lease, handler<void> then) = 0;
  virtual void revoke(std::uint64_t lease, handler<void> then) = 0;

  /// Every change under `prefix` from revision `from` on (the one after a snapshot's), in order,
  /// all changes of one revision in one call. A lost connection is dialled again and nothing is
  /// left out; `compacted` and `closed` are the last call.
  virtual std::unique_ptr<meta_watch> watch(std::string prefix, std::uint64_t from,
                                            handler<std::vector<meta_event>> then) = 0;
};

} // namespace weir

template <>
struct boost::system::is_error_code_enum<weir::meta_errc> : std::true_type {};
