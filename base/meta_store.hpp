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
  unavailable = 1, // no quorum, no connection, or a disk that cannot write: nothing was changed
  unknown,         // sent, and no answer in time: it may have been done
  busy,            // too much is waiting: nothing was changed
  too_large,       // a key, value, transaction or answer above the limits below
  compacted,       // a watch from a revision that is no longer kept: read, and watch from there
  no_lease,        // the lease is not or no longer there
  denied,          // the store does not know us
  closed,          // the store is being shut down: nothing was changed
  invalid,         // no store can do this: an empty key, a key twice, a lease of a second
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
  bool operator==(const meta_condition&) const = default;
};

/// Puts `value`, with `lease` if it is not 0; or erases the key.
struct meta_change {
  enum class kind : std::uint8_t { put, erase };
  kind what = kind::put;
  std::string key;
  std::string value = {};
  std::uint64_t lease = 0;
  bool operator==(const meta_change&) const = default;
};

/// All changes at one revision if all conditions hold, else none. No key is changed twice. The
/// first revision of a store is 1, with nothing in it; only what changes something makes a new one,
/// so erasing what is not there does not.
struct meta_transaction {
  std::vector<meta_condition> conditions;
  std::vector<meta_change> changes;
  bool operator==(const meta_transaction&) const = default;
};

struct meta_outcome {
  bool applied = false;       // false: a condition does not hold
  std::uint64_t revision = 0; // of the store afterwards
  bool operator==(const meta_outcome&) const = default;
};

/// One revision's change of one key. Of an erased key: its name, and the revision as `modified`.
struct meta_event {
  bool erased = false;
  meta_entry entry;
  bool operator==(const meta_event&) const = default;
};

/// Ends the watch when it goes. Its handler is not called afterwards, unless it is running.
class meta_watch {
public:
  virtual ~meta_watch() = default;
};

/// Asynchronous and thread-safe. Each handler is called exactly once (a watch's: often), on a
/// thread of the store's own or the caller's, before the store's destructor has returned, and must
/// neither throw nor block. Reads and transactions are linearizable.
class meta_store {
public:
  static constexpr std::size_t key_bytes_max = 512;
  static constexpr std::size_t value_bytes_max = std::size_t{1} << 20;       // etcd takes 1.5 MiB
  static constexpr std::size_t transaction_bytes_max = std::size_t{5} << 18; // 1.25 MiB, all told
  static constexpr std::size_t changes_max = 128;                            // conditions too
  static constexpr std::size_t read_bytes_max = std::size_t{32} << 20; // keys and values of a read
  static constexpr std::size_t waiting_max = 64; // requests under way; then `busy`
  static constexpr std::size_t watches_max = 64; // then `busy`
  static constexpr std::chrono::seconds lease_min{2};
  static constexpr std::chrono::seconds lease_max{24 * 3600};
  /// To the answer. A store on a local disk takes as long as its disk.
  static constexpr duration answer_max = std::chrono::seconds(3);

  template <class T>
  using handler = std::function<void(result<T>)>;

  virtual ~meta_store() = default;

  /// Everything under `prefix` (empty: all there is), as agreed by a quorum.
  virtual void read(std::string prefix, handler<meta_snapshot> then) = 0;
  /// Errors: `unknown` when it may have been done; then read what is there.
  virtual void commit(meta_transaction what, handler<meta_outcome> then) = 0;

  /// A lease of `ttl`: its number. Keys put with it go, at one revision, when nobody has kept it
  /// alive for that long; not earlier, and a second or two later. A store that starts again, or
  /// gets a new leader, gives every lease its whole time anew.
  virtual void grant(std::chrono::seconds ttl, handler<std::uint64_t> then) = 0;
  virtual void keep_alive(std::uint64_t lease, handler<void> then) = 0;
  virtual void revoke(std::uint64_t lease, handler<void> then) = 0;

  /// Every change under `prefix` from revision `from` on (the one after a snapshot's), in order and
  /// once; each call has whole revisions. A lost connection is dialled again and nothing is left
  /// out. An error is the last call: `compacted`, `closed`, `busy`, `invalid`, `denied`.
  virtual std::unique_ptr<meta_watch> watch(std::string prefix, std::uint64_t from,
                                            handler<std::vector<meta_event>> then) = 0;
};

/// What no store may be asked: `too_large` or `invalid`.
result<void> check_key(const std::string& key);
result<void> check_prefix(const std::string& prefix);
result<void> check_transaction(const meta_transaction& what);
result<void> check_ttl(std::chrono::seconds ttl);

} // namespace weir

template <>
struct boost::system::is_error_code_enum<weir::meta_errc> : std::true_type {};
