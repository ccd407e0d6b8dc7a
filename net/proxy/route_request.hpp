// The router's decision about one exchange of a shard.
#pragma once

#include "net/proxy/route_decision.hpp"
#include "net/proxy/shard_services.hpp"

namespace weir::net {

/// Fills in `x.route` from the shard's configuration, which is the exchange's from here on, and,
/// when the request cannot go on to an upstream, status and reason. Counts it among the route's.
routed route_request(shard_services& shard, const exchange_ptr& x);

/// Goes on with an exchange whose password was decided upon; from the start if the configuration
/// has changed meanwhile.
routed route_after_login(shard_services& shard, const exchange_ptr& x);

/// Goes on with an exchange about which forward_auth's server was asked; from the start if the
/// configuration has changed meanwhile.
routed route_after_auth(shard_services& shard, const exchange_ptr& x);

} // namespace weir::net
