// What the whole node knows about the servers of one upstream: load, health, ejection. Shared by
// every shard.
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "net/upstream/circuit.hpp"
#include "net/upstream/failure.hpp"
#include "net/upstream/outlier.hpp"
#include "net/upstream/peak_ewma.hpp"

#include <array>
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

/// What a weight of one counts while nothing lessens it: see server_table::weight_now.
inline constexpr std::uint64_t weight_unit = 1024;

/// One server of a view for status pages and metrics; a consistent enough copy.
struct server_view {
  config::endpoint_address address;
  std::uint32_t weight = 1;
  bool backup = false;
  std::uint32_t in_flight = 0;
  server_health health = server_health::unknown;
  std::string health_reason; // of the last change, or of the last failed check
  bool ejected = false;
  bool warming = false;       // its weight still grows
  bool gone = false;          // taken out of the upstream: it ends what it has
  std::uint64_t failures = 0; // reported by `failed`
  std::array<std::uint64_t, ejection_reason_count> ejections{};
  std::uint64_t checks_passed = 0;
  std::uint64_t checks_failed = 0;
};

/// A server as it is reached: `settings.address` may be one address of the name `host`.
struct server_place {
  config::server_settings settings;
  std::string host; // as configured; empty for a unix socket
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
  /// One server for each of the settings. REQUIRES: at least one. A server that `previous` did not
  /// have begins to warm up `now`.
  static std::shared_ptr<server_table> create(const config::upstream_settings& settings,
                                              const server_table* previous = nullptr,
                                              steady_time now = {});
  /// One server for each of `places`.
  static std::shared_ptr<server_table> create(const config::upstream_settings& settings,
                                              const std::vector<server_place>& places,
                                              const server_table* previous, steady_time now);
  /// The same upstream with other addresses: every server of `previous` keeps its index, those that
  /// are not among `places` are `gone`, new ones are appended.
  static std::shared_ptr<server_table> follow(const config::upstream_settings& settings,
                                              const std::vector<server_place>& places,
                                              const server_table& previous, steady_time now);
  server_table(make_tag, const config::upstream_settings& settings,
               std::shared_ptr<struct shared_by_tables> common);
  ~server_table();
  server_table(const server_table&) = delete;
  server_table& operator=(const server_table&) = delete;

  const std::string& name() const { return name_; }
  /// Servers that were taken out of the upstream count too: see `gone`.
  server_index size() const { return static_cast<server_index>(servers_.size()); }
  const config::endpoint_address& address(server_index server) const;
  const std::string& host(server_index server) const { return servers_[server].host; }
  /// No longer among the upstream's servers: it ends what it has and gets nothing new.
  bool gone(server_index server) const { return servers_[server].gone; }
  std::uint32_t weight(server_index server) const;
  bool backup(server_index server) const { return servers_[server].settings.backup; }
  bool has_backups() const { return has_backups_; }
  /// Says the same of the same address on every node and after every restart: what keys are hashed
  /// against.
  std::uint64_t identity(server_index server) const { return servers_[server].identity; }
  /// Its weight in `weight_unit`s, less while it warms up: with `slow_start` a server that came up,
  /// came back from an ejection or came new begins with a tenth and grows evenly.
  std::uint64_t weight_now(server_index server, steady_time now) const;

  // -- load ---------------------------------------------------------------------------------------

  std::uint32_t in_flight(server_index server) const;
  /// The sum of the servers' `max_connections`, without backups and servers that are gone.
  std::uint64_t places() const;
  bool full(server_index server) const {
    return in_flight(server) >= servers_[server].settings.max_connections;
  }
  /// A place on `server`, or nothing when `max_connections` requests of this node are on it
  /// already.
  std::optional<server_slot> try_acquire(server_index server);

  /// Calls `wake` once, on whichever thread next gives a place back or makes a server eligible;
  /// never under a lock. A pool whose queue is not empty keeps one such call pending, and must look
  /// for a place again right after registering it, since one may have come free just before.
  void call_when_free(std::function<void()> wake);

  /// How long its answers take; nothing is known unless `count_latency` is called.
  latency_estimate latency(server_index server) const;
  /// An answer's head came after `took`, or an error did. Good answers inform, errors count as very
  /// slow, and what the client did wrong (4xx) says little: it counts when it was slow.
  void count_latency(server_index server, std::uint16_t status, duration took, steady_time now);
  /// Its answer was not waited for any longer than `waited`: counts when that is slow already.
  void count_wait(server_index server, duration waited, steady_time now);

  // -- passive health -----------------------------------------------------------------------------

  /// An answer came that `failed` would not count. One load when the server was well before.
  void succeeded(server_index server);
  /// Counts against the server, and takes it out of the balance for a while when it is one too
  /// many. Returns whether this failure ejected it.
  bool failed(server_index server, failure_kind kind, steady_time now);
  bool ejected(server_index server, steady_time now) const;

  /// What of the upstream as a whole is under way on this node.
  const std::shared_ptr<circuit>& breakers() const;

  // -- active health ------------------------------------------------------------------------------

  server_health health(server_index server) const;
  /// What the prober decided; without `health:` in the settings every server is `up` from the
  /// start.
  void set_health(server_index server, server_health health, std::string reason, steady_time now);
  void count_check(server_index server, bool passed);

  std::vector<server_view> view(steady_time now) const;

private:
  friend class server_slot;
  struct entry {
    config::server_settings settings; // max_connections: the upstream's, unless it has its own
    std::string host;
    std::shared_ptr<server_record> record;
    std::uint64_t identity = 0;
    bool gone = false;
  };

  void release(server_index server);
  void wake_waiting();
  bool try_eject(server_index server, ejection_reason reason, steady_time now);
  bool succeeds_too_rarely(server_record& record, steady_time now);
  std::uint32_t count_up() const;
  std::uint32_t count_ejected_among_up(steady_time now) const;

  void add(const server_place& place, const config::upstream_settings& settings,
           const server_table* previous, steady_time now);
  void forget(entry& server, const config::upstream_settings& settings, steady_time now);
  bool warming(server_index server, steady_time now) const;

  const std::string name_;
  const config::outlier_settings outlier_;
  const duration slow_start_;
  bool has_backups_ = false;
  std::vector<entry> servers_;
  // What a table and its successor after a reload share.
  std::shared_ptr<struct shared_by_tables> common_;
};

} // namespace weir::net
