// A node's part in its cluster, ready to be used by the composition root: store, identity, peer
// links, keeper.
#pragma once

#include "actors/protocol_cluster.hpp"
#include "base/metrics_registry.hpp"
#include "cluster/member_view.hpp"
#include "config/settings.hpp"
#include "net/client/control_loop.hpp"

#include <caf/actor_system.hpp>

#include <functional>
#include <memory>
#include <string>

namespace weir::storage {
class state_store;
} // namespace weir::storage

namespace weir::actors {

struct cluster_options {
  config::cluster_settings cluster;
  config::node_settings self;
  std::string data_folder;
  std::string config_file; // for the sentence that says what to do
  /// Asked some twenty times a second on a CAF worker: state (starting, ready or stopped) and
  /// figures.
  std::function<cluster::local_facts()> facts;
  /// Drain this node's traffic, or take it up again. On a CAF worker; must not block. Not called
  /// for what drained_before() says.
  std::function<void(bool drain)> on_drain;
};

struct cluster_start_result;
class cluster_node;

/// Lives from start_cluster() to the end of the node; the actor system and the control loop outlive
/// it. A single node has one too: it is its own only member, without a peer port.
class cluster_node {
public:
  ~cluster_node();
  cluster_node(const cluster_node&) = delete;
  cluster_node& operator=(const cluster_node&) = delete;

  /// What this node believes now; never null. Any thread, no waiting.
  cluster::member_view_ptr members() const;
  /// Drains the named node, or lets it serve again; survives its restarts. Any thread.
  void drain(std::string node, bool on, drain_handler then);
  /// Whether an operator had drained this node when it last ran: it must begin drained.
  bool drained_before() const;
  const node_id& id() const;
  std::uint64_t incarnation() const;
  /// Where this node remembers what it is told; may be used after this object is gone.
  std::shared_ptr<storage::state_store> store() const;
  void collect(metrics_writer& out) const;
  /// For the watcher: when it dies, stop the node.
  caf::strong_actor_ptr keeper() const;

  /// Says goodbye to the peers and closes the links within about a second. Any thread, idempotent.
  /// Do it when the drain is over and before the control loop and the actor system stop.
  void leave();

private:
  friend cluster_start_result start_cluster(caf::actor_system&, net::control_loop&,
                                            cluster_options);
  class parts;
  explicit cluster_node(std::shared_ptr<parts> made);
  std::shared_ptr<parts> parts_;
};

struct cluster_start_result {
  std::unique_ptr<cluster_node> node; // null: `problem` says why, in words for the operator
  std::string problem;
};

/// Loads the identity, opens the state store, counts this start, binds the peer port and spawns the
/// keeper. Blocks on the disk; call before the control loop is busy, with the loop started or not.
cluster_start_result start_cluster(caf::actor_system& system, net::control_loop& loop,
                                   cluster_options options);

} // namespace weir::actors
