// What the admin API can see of its node and ask of it: implemented by the actors, called by the
// admin server.
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "net/admin/limit_view.hpp"
#include "net/explain/explain_request.hpp"
#include "net/explain/explanation.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::net {

enum class node_state : std::uint8_t { starting, ready, draining, stopping };
std::string_view to_string(node_state state);

/// One address that the node listens on for clients.
struct listener_status {
  std::string protocol; // "http" or "https"
  std::string address;  // as bound: "127.0.1.1:8080"
};

/// The node itself. Totals count since the process started and are the ones of /metrics.
struct node_status {
  std::string node;
  std::string node_id; // hex
  std::string cluster;
  std::string version; // of the program
  node_state state = node_state::starting;
  std::int64_t pid = 0;
  std::uint32_t shards = 0;
  wall_time started{};
  duration uptime{};
  std::uint64_t config_version = 0;
  std::string config_digest;
  std::vector<listener_status> listeners;

  double requests_per_second = 0; // over the last second or so
  std::uint64_t requests_total = 0;
  std::array<std::uint64_t, 6>
      responses_total{}; // by status class: [2] is 2xx; [0]: no answer was sent
  std::uint64_t bytes_in_total = 0;
  std::uint64_t bytes_out_total = 0;
  std::uint64_t requests_in_flight = 0;
  std::uint64_t connections = 0;
};

/// One member of the cluster as this node sees it; `state` is a word of `weir members`.
struct member_status {
  std::string name;
  std::string node_id;
  std::string address; // host:port of its peer listener
  std::string state;   // starting, ready, draining, suspect, down
  bool self = false;
  bool linked = false;
  std::string version;              // empty: never heard of
  std::uint64_t config_version = 0; // 0: never heard of
  std::string config_digest;
  std::optional<std::uint64_t> requests_per_second; // none while it is not alive
  duration uptime{};
  std::optional<duration> last_heard; // how long ago; none: never
  std::optional<duration> rtt;
};

struct server_status {
  std::string address;
  std::string health; // up, down, unknown
  std::string reason; // of the last change
  bool ejected = false;
  bool backup = false;
  bool gone = false;    // its name stands for others now: it ends what it has
  bool warming = false; // its weight still grows
  std::uint32_t weight = 1;
  std::uint32_t in_flight = 0;
  std::uint64_t requests_total = 0;
  std::uint64_t failures_total = 0;
  std::vector<std::pair<std::string, std::uint64_t>> ejections_total; // by reason
  std::uint64_t checks_passed_total = 0;
  std::uint64_t checks_failed_total = 0;
};

/// An upstream with its servers, as this node uses it.
struct upstream_status {
  std::string name;
  std::string balance;
  bool app = false; // its servers are supervised by this node
  std::uint32_t queue_length = 0;
  std::uint64_t requests_total = 0;
  std::uint64_t retries_total = 0;
  std::vector<std::pair<std::string, bool>> circuits; // by limit: whether it is reached now
  std::vector<server_status> servers;
};

/// The node's cache: what it holds, and what it did for requests.
struct cache_report {
  std::uint64_t memory_bytes = 0;
  std::uint64_t memory_objects = 0;
  std::uint64_t disk_bytes = 0;
  std::uint64_t disk_objects = 0;
  std::uint64_t fetches = 0; // under way, and URLs remembered as not shared
  std::vector<std::pair<std::string, std::uint64_t>> requests_total; // by status, as in /metrics
};

/// One condition of being ready; the node is ready when all hold.
struct ready_check {
  std::string name; // "listeners", "config", "upstream api"
  bool ok = false;
  std::string detail;
};

enum class outcome_kind : std::uint8_t {
  done,
  rejected, // the request itself is wrong: a configuration that does not load
  unknown,  // there is no such node
  conflict, // it cannot be done now: a reload is under way, the node stops
  failed,
};

/// How an action ended.
struct action_outcome {
  outcome_kind kind = outcome_kind::done;
  std::string detail; // one sentence
  std::vector<std::string>
      diagnostics; // of a rejected configuration, one per line: file:line:column: error: …
  std::uint64_t config_version = 0; // the version in force now
};

/// What an operator wants refused.
struct ban_wish {
  config::cidr network;
  duration time{};
  std::string reason;
};

using outcome_handler = std::function<void(action_outcome)>;

/// The node behind the admin API. Called on the control loop's thread only. The getters return at
/// once from what other threads published. The actions call their handler exactly once, on the
/// control loop's thread, soon or late (the server has its own deadline); the handler may be called
/// before the action returns.
class node_view {
public:
  virtual ~node_view() = default;

  virtual node_status status() const = 0;
  virtual std::vector<member_status> members() const = 0;
  virtual std::vector<upstream_status> upstreams() const = 0;
  virtual cache_report cache() const = 0;
  virtual std::vector<ready_check> readiness() const = 0;
  /// Limits and the keys that they hold; takes milliseconds on a full table.
  virtual limits_status limits() const = 0;
  virtual std::vector<ban_status> bans() const = 0;
  /// Why the request would go where it would go. May look at files.
  virtual explanation explain(const explain_request& asked) const = 0;
  /// Prometheus text format.
  virtual std::string metrics_text() const = 0;

  /// Reads the configuration file again; done when it is in force, rejected when it is not valid.
  virtual void reload(outcome_handler then) = 0;
  /// What reading that file (empty: its own) would change, without changing anything: `detail`
  /// lists it; rejected when it is not valid or does not lie beside the node's own.
  virtual void plan(const std::string& file, outcome_handler then) = 0;
  /// Drains and ends the process. `then` is called when that has begun.
  virtual void stop(outcome_handler then) = 0;
  /// Takes the named node out of service (on) or back in. Done when the node says so itself.
  virtual void drain(const std::string& node, bool on, outcome_handler then) = 0;
  /// Forgets what `key` has used up of the limit of that name, or of all when that is empty.
  virtual void reset_limit(const std::string& key, const std::string& limit,
                           outcome_handler then) = 0;
  /// Refuses a network from now on; done when that is in force and on disk.
  virtual void ban(const ban_wish& wish, outcome_handler then) = 0;
  virtual void unban(const config::cidr& network, outcome_handler then) = 0;
};

} // namespace weir::net
