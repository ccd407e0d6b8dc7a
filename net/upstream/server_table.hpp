// What the whole node knows about the servers of one upstream: load, health, ejection. Shared by
// every shard.
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "net/upstream/failure.hpp"
#include "net/upstream/outlier.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

using server_index = std::uint32_t;

/// What active checks say. `unknown` until the first check has ended.
enum class server_health : std::uint8_t { unknown, up, down };
std::string_view name_of(server_health health);

/// One server of a view for status pages and metrics; a consistent enough copy.
struct server_view {
  config::endpoint_address address;
  std::uint32_t weight = 1;
  std::uint32_t in_flight = 0;
  server_health health = server_health::unknown;
  std::string health_reason; // of the last change, or of the last failed check
  bool ejected = false;
  std::uint64_t failures = 0; // reported by `failed`
  std::uint64_t ejections = 0;
  std::uint64_t checks_passed = 0;
  std::uint64_t checks_failed = 0;
};

struct server_record; // one server's shared state: atomics on a cache line of their own

/// A place among a server's `max_connections`, given back when destroyed. Movable, may be released
/// on any thread, may outlive the upstream's settings; it keeps the server_table alive.
class server_slot {
public:
  server_slot() = default;
  server_slot(server_slot&& other) noexcept;
  server_slot& operator=(server_slot&& other) noexcept;
  ~server_slot() { release(); }

  explicit operator bool() const { return table_ != nullptr; }
  server_index server() const { return server_; }
  void release();

private:
  friend class server_table;
  server_slot(std::shared_ptr<class server_table> table, server_index server)
      : table_(std::move(table)), server_(server) {}
  std::shared_ptr<class server_table> table_;
  server_index server_ = 0;
};

/// The servers of one upstream, one instance per upstream and node, made from a config snapshot and
/// held by shared_ptr. A reload makes a new table from the previous one: a server with the same
/// address keeps its load, health and history. Thread-safe and lock-free on a request's way
/// (acquire, release, success); a mutex guards what is rare (failures of a server, health changes,
/// wake-ups). Knows one node only.
class server_table : public std::enable_shared_from_this<server_table> {
  struct make_tag {};

public:
  /// REQUIRES: at least one server in `settings`.
  static std::shared_ptr<server_table> create(const config::upstream_settings& settings,
                                              const server_table* previous = nullptr);
  server_table(make_tag, const config::upstream_settings& settings, const server_table* previous);
  ~server_table();
  server_table(const server_table&) = delete;
  server_table& operator=(const server_table&) = delete;

  const std::string& name() const { return name_; }
  server_index size() const { return static_cast<server_index>(servers_.size()); }
  const config::endpoint_address& address(server_index server) const;
  std::uint32_t weight(server_index server) const;

  // -- load ---------------------------------------------------------------------------------------

  std::uint32_t in_flight(server_index server) const;
  bool full(server_index server) const { return in_flight(server) >= max_connections_; }
  /// A place on `server`, or nothing when `max_connections` requests of this node are on it
  /// already.
  std::optional<server_slot> try_acquire(server_index server);

  /// Calls `wake` once, on whichever thread next gives a place back or makes a server eligible;
  /// never under a lock. A pool whose queue is not empty keeps one such call pending, and must look
  /// for a place again right after registering it, since one may have come free just before.
  void call_when_free(std::function<void()> wake);

  // -- passive health -----------------------------------------------------------------------------

  /// An answer came that `failed` would not count. One load when the server was well before.
  void succeeded(server_index server);
  /// Counts against the server, and takes it out of the balance for a while when it is one too
  /// many. Returns whether this failure ejected it.
  bool failed(server_index server, failure_kind kind, steady_time now);
  bool ejected(server_index server, steady_time now) const;

  // -- active health ------------------------------------------------------------------------------

  server_health health(server_index server) const;
  /// What the prober decided; without `health:` in the settings every server is `up` from the
  /// start.
  void set_health(server_index server, server_health health, std::string reason);
  void count_check(server_index server, bool passed);

  std::vector<server_view> view(steady_time now) const;

private:
  friend class server_slot;
  struct entry {
    config::server_settings settings;
    std::shared_ptr<server_record> record;
  };

  /// What a table and its successor after a reload share, so that a place given back to the one
  /// wakes a queue of the other.
  struct common_state {
    std::mutex mutex; // guards waiting, and every record's reason and history
    std::vector<std::function<void()>> waiting;
    std::atomic<bool> anyone_waiting{false};
  };

  void release(server_index server);
  void wake_waiting();
  bool try_eject(server_index server, steady_time now);
  std::uint32_t count_up() const;
  std::uint32_t count_ejected_among_up(steady_time now) const;

  const std::string name_;
  const std::uint32_t max_connections_;
  const config::outlier_settings outlier_;
  std::vector<entry> servers_;
  std::shared_ptr<common_state> common_;
};

} // namespace weir::net
