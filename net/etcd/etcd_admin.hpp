// What keeps etcd's members well: who they are, what they hold, and copies of it.
#pragma once

#include "net/etcd/etcd_client.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace weir::net {
class control_loop;
}

namespace weir::net::etcd {

struct member {
  std::uint64_t id = 0;
  std::string name; // empty: it has never run
  std::vector<std::string> peer_urls;
  std::vector<std::string> client_urls;
  bool learner = false; // takes part in everything but votes
  bool operator==(const member&) const = default;
};

/// One member's own view.
struct member_status {
  std::string version;
  std::uint64_t member = 0;
  std::uint64_t leader = 0; // 0: it knows of none
  std::uint64_t revision = 0;
  std::uint64_t raft_index = 0;
  std::uint64_t raft_applied = 0;
  std::uint64_t file_bytes = 0; // of its database
  std::uint64_t used_bytes = 0; // the rest is given back by `defragment`
  bool learner = false;
};

struct member_alarm {
  enum class kind : std::uint8_t { no_space, corrupt };
  std::uint64_t member = 0;
  kind what = kind::no_space;
  bool operator==(const member_alarm&) const = default;
};

/// A result, and what etcd said when there is none.
template <class T>
struct admin_answer {
  result<T> value;
  std::string words;
};

/// Thread-safe; answers come on the control loop, once each, before the destructor has returned.
/// Errors are meta_errc; `busy` also for what the members are not ready for, such as promoting a
/// learner that is behind.
class etcd_admin {
public:
  template <class T>
  using handler = std::function<void(admin_answer<T>)>;
  using address = config::endpoint_address;

  etcd_admin(control_loop& loop, etcd_options options);
  ~etcd_admin();
  etcd_admin(const etcd_admin&) = delete;
  etcd_admin& operator=(const etcd_admin&) = delete;

  // -- of the whole cluster
  void members(handler<std::vector<member>> then);
  /// A learner gets all data before its vote counts.
  void add_member(const std::string& peer_url, bool as_learner, handler<member> then);
  void promote(std::uint64_t id, handler<void> then);
  void remove(std::uint64_t id, handler<void> then);
  /// It has moved.
  void update(std::uint64_t id, const std::string& peer_url, handler<void> then);
  void alarms(handler<std::vector<member_alarm>> then);
  void disarm(const member_alarm& which, handler<void> then);
  /// Lets go of all history before `revision`.
  void compact(std::uint64_t revision, handler<void> then);

  // -- of one member
  void status(const address& of, handler<member_status> then);
  /// Gives unused space back to the disk. The member answers nobody meanwhile: one at a time.
  void defragment(const address& which, handler<void> then);
  /// It serves: it knows a leader and no alarm is up. Else an error.
  void health(const address& of, handler<void> then);

private:
  template <class T, class Decode>
  void ask(etcd_call what, handler<T> then, Decode decode);

  control_loop& loop_;
  std::shared_ptr<etcd_client> client_;
};

struct snapshot_facts {
  std::uint64_t bytes = 0; // of the file
  std::string sha256;      // of the database in it, hexadecimal; checked
};

/// Writes everything the preferred member holds to `file`, which is there whole or not at all
/// (mode 0600: it has the cluster's secrets). Blocks, for `within` at most: on a thread of its own
/// or in a command only. The file is what `etcdctl snapshot restore` takes.
admin_answer<snapshot_facts> save_snapshot(etcd_options options, const std::string& file,
                                           duration within);

} // namespace weir::net::etcd
