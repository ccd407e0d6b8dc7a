// What this node believes about every member, as a machine: step(event, now) -> effects.
#pragma once

#include "base/random.hpp"
#include "cluster/failure_detector.hpp"
#include "cluster/local_health.hpp"
#include "cluster/member_source.hpp"
#include "cluster/member_view.hpp"
#include "cluster/message.hpp"

#include <array>
#include <map>
#include <variant>
#include <vector>

namespace weir::cluster {

// -- what can happen ------------------------------------------------------------------------------

/// The ctl lane to a peer is up, authenticated, to this incarnation of it.
struct link_opened {
  node_id peer;
  std::uint64_t incarnation = 0;
};
struct link_closed {
  node_id peer;
  std::uint64_t incarnation = 0;
};
/// A message from `peer`, whose link was opened to this incarnation of it.
struct message_received {
  node_id peer;
  std::uint64_t incarnation = 0;
  message body;
};
/// Comes every tick_every, or late, which is a fact of its own.
struct tick {
  local_facts facts;
};
struct members_changed {
  member_list_ptr list;
};
using member_event =
    std::variant<link_opened, link_closed, message_received, tick, members_changed>;

// -- what must be done ----------------------------------------------------------------------------

struct outgoing {
  node_id to;
  message body;
};
/// Somebody's state changed: for the log and the metrics.
struct transition {
  std::string member;
  member_state from = member_state::down;
  member_state to = member_state::down;
  doubt why = doubt::none;
};
struct effects {
  std::vector<outgoing> send;
  std::vector<transition> transitions;
  bool view_changed = false; // state, link or incarnation of anyone
};

/// Whom one member doubts, as of when it said so.
struct doubt_report {
  struct entry {
    node_id of;
    steady_time since; // without a break until `at`
  };
  node_id by;
  steady_time at;
  std::vector<entry> doubted;
};

struct member_counters {
  std::uint64_t heartbeats_sent = 0;
  std::uint64_t heartbeats_heard = 0;
  std::uint64_t stale_messages = 0; // of an earlier life, or duplicates
  std::uint64_t stranger_messages = 0;
  std::uint64_t probes_sent = 0;
  std::uint64_t refutations = 0; // we were believed dead and said otherwise
  std::uint64_t late_ticks = 0;
};

/// One per node. Does what the paper says and nothing else: no clock, no socket, randomness from a
/// seed. It knows the whole member list, itself included. Opinions are this node's own: `suspect`
/// turns traffic away, nothing more.
class membership {
public:
  static constexpr duration tick_every = 50ms;

  /// REQUIRES: `self` is in the list.
  membership(node_id self, std::uint64_t incarnation, member_list_ptr list,
             detector_settings settings, std::uint64_t seed, steady_time now);

  effects step(const member_event& event, steady_time now);
  member_view view(steady_time now) const;
  /// What everyone we hear says of the others, ourselves first. The ground of down_ruling.
  std::vector<doubt_report> reports(steady_time now) const;
  /// The goodbye of a node that stops on purpose, to everyone linked.
  std::vector<outgoing> farewell(steady_time now);

  const member_counters& counters() const { return counters_; }
  int patience() const { return health_.multiplier(); }
  std::uint64_t epoch() const { return list_->epoch; }

private:
  /// All we know about one other member.
  struct peer {
    peer(member_entry who, failure_detector judge)
        : entry(std::move(who)), detector(std::move(judge)) {}

    member_entry entry;
    failure_detector detector;
    std::uint64_t incarnation = 0; // 0: never heard
    std::uint64_t last_sequence = 0;
    steady_time last_sequence_at{};
    local_facts facts;
    duration uptime{};
    duration lag{};
    duration rtt{};
    std::uint64_t round = 0; // number of the last probe round about it
    steady_time refuted_at{};
    steady_time acknowledged{}; // when the last heartbeat of ours that it has seen was sent
    std::uint64_t list_epoch = 0;
    doubt_report report;
    member_state shown = member_state::suspect;
    bool linked_shown = false;
  };

  void on(const link_opened& event, steady_time now, effects& out);
  void on(const link_closed& event, steady_time now, effects& out);
  void on(const message_received& event, steady_time now, effects& out);
  void on(const tick& event, steady_time now, effects& out);
  void on(const members_changed& event, steady_time now, effects& out);

  void take(peer& from, const heartbeat& body, steady_time now, effects& out);
  void take(peer& from, const probe& body, steady_time now, effects& out);
  void take(peer& from, const probe_ack& body, steady_time now, effects& out);
  template <class Other>
  void take(peer&, const Other&, steady_time, effects&) {} // not for this machine

  void note_echo(peer& from, const heartbeat& body, steady_time now);
  bool same_life(peer& member, std::uint64_t incarnation);
  void judge_all(steady_time now, effects& out);
  void ask_others(peer& about, steady_time now, effects& out);
  heartbeat make_heartbeat(const peer& to, bool prompted, steady_time now) const;
  void show_changes(effects& out);
  member_row row_of(const member_entry& entry, steady_time now) const;
  peer* find(const node_id& id);

  node_id self_;
  std::uint64_t incarnation_;
  member_list_ptr list_;
  detector_settings settings_;
  random_source random_;
  steady_time started_;
  local_facts facts_;
  local_health health_;
  std::map<node_id, peer> peers_;
  steady_time last_tick_;
  steady_time next_heartbeat_;
  std::uint64_t sequence_ = 0;
  static constexpr std::size_t remembered = 64;
  std::array<steady_time, remembered> sent_at_{}; // of heartbeat `sequence % remembered`
  std::uint64_t last_probe_ = 0;
  std::uint64_t view_version_ = 1;
  member_counters counters_;
};

} // namespace weir::cluster
