// Every message of the cluster's actors.
#pragma once

#include "base/node_id.hpp"
#include "base/result.hpp"
#include "cluster/membership.hpp"
#include "net/peer/peer_message.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace weir::actors {

/// What the peer links tell the cluster keeper of a ctl lane.
struct link_change {
  node_id peer;
  std::uint64_t incarnation = 0; // of the peer
  bool up = false;
  error_code why; // when down
};
using link_change_ptr = std::shared_ptr<const link_change>;

/// How a drain ended: no error once the node says so itself. Errors: cluster::errc unknown_member,
/// not_linked, timed_out, busy, refused. Called once, on a CAF worker; must not block.
using drain_handler = std::function<void(error_code)>;

struct drain_order {
  std::string node;
  bool drain = true;
  drain_handler then;
};
using drain_order_ptr = std::shared_ptr<const drain_order>;

using cluster_tick_atom = caf::atom_constant<caf::atom("clustick")>;
using cluster_drain_atom = caf::atom_constant<caf::atom("clusdrain")>;
using cluster_leave_atom = caf::atom_constant<caf::atom("clusleave")>;

/// The CLUSTER KEEPER.
using cluster_keeper_actor = caf::typed_actor<
    // A ctl lane opened or closed.
    caf::reacts_to<link_change_ptr>,
    // A message came over a ctl lane.
    caf::reacts_to<net::peer_message_ptr>,
    // Drain a node, ourselves or another, or let it serve again.
    caf::reacts_to<cluster_drain_atom, drain_order_ptr>,
    // Say goodbye to all peers and end.
    caf::reacts_to<cluster_leave_atom>,
    // INTERNAL: time goes by.
    caf::reacts_to<cluster_tick_atom>>;

} // namespace weir::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::link_change_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::drain_order_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::net::peer_message_ptr)
