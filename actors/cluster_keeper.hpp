// The cluster keeper: drives the membership machine and tells the node what it believes.
#pragma once

#include "actors/protocol_cluster.hpp"
#include "cluster/member_view.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <map>
#include <memory>

namespace weir::actors {

/// What the keeper publishes; read by any thread.
struct cluster_board {
  std::atomic<cluster::member_view_ptr> view;
  std::atomic<std::uint64_t> undecodable{0}; // messages of members that do not parse
  std::atomic<std::uint64_t> unsendable{0};  // messages for a lane that was full or gone
  std::atomic<std::uint64_t> suspected{0};   // transitions to suspect
  std::atomic<std::uint64_t> went_down{0};   // transitions to down
  std::atomic<std::uint64_t> late_ticks{0};
  std::atomic<std::uint64_t> refutations{0};
};

struct cluster_keeper_options {
  node_id self;
  std::string name;
  std::uint64_t incarnation = 0;
  std::uint64_t seed = 0;
  bool drained = false; // as of the last life
  std::shared_ptr<const cluster::member_source> source;
  std::shared_ptr<cluster_board> board;
  /// What the node says of itself: starting, ready or stopped, and its figures. The keeper adds
  /// `draining`.
  std::function<cluster::local_facts()> facts;
  /// Puts a message on a peer's ctl lane; false if it did not fit or there is no lane.
  std::function<bool(const node_id&, std::string)> send;
  /// Remembers the drained flag across restarts. May take milliseconds.
  std::function<error_code(bool)> remember_drained;
  /// The node itself is to be drained, or to serve again. Any work it means is begun, not done,
  /// when this returns.
  std::function<void(bool)> on_drain;
  /// The goodbyes are on their way: the links may be closed.
  std::function<void()> on_left;
};

struct cluster_keeper_state {
  cluster_keeper_state() = default;
  static inline const char* name = "cluster-keeper";

  /// A drain of another node that was asked for and not yet answered.
  struct waiting_drain {
    drain_handler then;
    steady_time deadline;
  };

  void begin(cluster_keeper_options given, steady_time now);
  void step(const cluster::member_event& event, steady_time now);
  void tick(steady_time now);
  void receive(const net::peer_message& message, steady_time now);
  void drain(const drain_order& order, steady_time now);
  void leave(steady_time now);

  cluster_keeper_options options;
  std::unique_ptr<cluster::membership> machine;
  bool draining = false;

private:
  void send(const node_id& peer, const cluster::message& body);
  void publish(steady_time now);
  cluster::local_facts facts() const;
  error_code drain_self(bool on);
  void answer_drain(const node_id& peer, const cluster::drain_request& request);
  void finish_drain(std::uint64_t number, error_code outcome);

  std::uint64_t last_drain_ = 0;
  std::map<std::uint64_t, waiting_drain> drains_;
  steady_time next_publish_{};
};

/// Owns this node's opinion of all members. One per node, on CAF's scheduler. Blocks only for the
/// drained flag, some milliseconds at an operator's command. Sends only through `send` and to
/// itself. When it dies the node must stop: the links would not be told of again.
cluster_keeper_actor::behavior_type
cluster_keeper(cluster_keeper_actor::stateful_pointer<cluster_keeper_state> self,
               cluster_keeper_options options);

} // namespace weir::actors
