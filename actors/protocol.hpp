// Every message between the actors of a request's path, and every interface: the map of the data
// plane.
#pragma once

#include "actors/limit_holds.hpp"
#include "net/proxy/exchange.hpp"
#include "net/proxy/runtime_config.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <type_traits>

namespace weir::actors {

using net::exchange_ptr;
using runtime_config_ptr = std::shared_ptr<const net::runtime_config>;
using runtime_upstream_ptr = std::shared_ptr<const net::runtime_upstream>;

using route_atom = caf::atom_constant<caf::atom("route")>;
using admit_atom = caf::atom_constant<caf::atom("admit")>;
using lookup_atom = caf::atom_constant<caf::atom("lookup")>;
using lease_atom = caf::atom_constant<caf::atom("lease")>;
using verdict_atom = caf::atom_constant<caf::atom("verdict")>;
using login_atom = caf::atom_constant<caf::atom("login")>;
using auth_atom = caf::atom_constant<caf::atom("auth")>;
using install_atom = caf::atom_constant<caf::atom("install")>;
using advance_atom = caf::atom_constant<caf::atom("advance")>;
using wake_atom = caf::atom_constant<caf::atom("wake")>;
using look_atom = caf::atom_constant<caf::atom("look")>;
using follow_atom = caf::atom_constant<caf::atom("follow")>;
using retire_atom = caf::atom_constant<caf::atom("retire")>;
using drain_atom = caf::atom_constant<caf::atom("drain")>;
using close_atom = caf::atom_constant<caf::atom("close")>;

/// A CONNECTION: one client's. As many on each shard as it has clients.
using connection_actor = caf::typed_actor<
    // A stage has decided: the exchange is to be answered (status, or the route's own action), or
    // has its lease.
    caf::reacts_to<verdict_atom, exchange_ptr>,
    // INTERNAL: go on streaming; the last turn ended because others were waiting.
    caf::reacts_to<advance_atom>,
    // No further requests: close when the current one is answered.
    caf::reacts_to<drain_atom>,
    // Close at once. INTERNAL too: the session has ended.
    caf::reacts_to<close_atom>>;

/// The UPSTREAM POOL of one upstream on one shard.
using pool_actor = caf::typed_actor<
    // Lease a connection, now or later; also after a failed attempt. Ends in a verdict.
    caf::reacts_to<lease_atom, exchange_ptr>,
    // INTERNAL: a place on a server may have come free.
    caf::reacts_to<wake_atom>,
    // INTERNAL: retired; is it still in use?
    caf::reacts_to<look_atom>,
    // The same upstream, whose names stand for other addresses now.
    caf::reacts_to<follow_atom, runtime_upstream_ptr>,
    // The configuration no longer has it: finish what runs, then end.
    caf::reacts_to<retire_atom>>;

/// The CACHE of one shard.
using cache_actor = caf::typed_actor<
    // Answer from what is stored, now or when another request has fetched it, or pass on to the
    // exchange's pool.
    caf::reacts_to<lookup_atom, exchange_ptr>>;

/// The LIMITER of one shard.
using limiter_actor = caf::typed_actor<
    // Admit or refuse. What the route answers itself is told its connection then, the rest goes on
    // to the cache.
    caf::reacts_to<admit_atom, exchange_ptr>>;

/// The ROUTER of one shard.
using router_actor = caf::typed_actor<
    // Choose site, route and action.
    caf::reacts_to<route_atom, exchange_ptr>,
    // INTERNAL: the password of an exchange that waited for it is verified, or is not.
    caf::reacts_to<login_atom, exchange_ptr>,
    // INTERNAL: forward_auth's server has said whether it may pass, or has not.
    caf::reacts_to<auth_atom, exchange_ptr>,
    // From now on, this configuration. Requests under way keep theirs.
    caf::reacts_to<install_atom, runtime_config_ptr>>;

/// An exchange as it travels between actors: it knows whom to answer and which pool is its own.
class live_exchange final : public net::exchange {
public:
  using net::exchange::exchange;
  void reset() override {
    net::exchange::reset();
    holds.release();
    misses_counted = false;
    connection = nullptr;
    next_pool = nullptr;
  }
  connection_actor connection;
  pool_actor next_pool;
  limit_holds holds;
  bool misses_counted = false; // the limits on what the cache does not answer have let it pass
};

inline live_exchange& live(const exchange_ptr& x) {
  return static_cast<live_exchange&>(*x);
}

/// CAF 0.17 initialises an aggregate state from the actor's pointer under C++20: a state must not
/// be one.
template <class State>
inline constexpr bool is_actor_state = !std::is_aggregate_v<State>;

} // namespace weir::actors

// Never leave the process, mostly not even the shard.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::net::exchange_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::runtime_config_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::runtime_upstream_ptr)
