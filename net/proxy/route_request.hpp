// The router's decision about one exchange.
#pragma once

#include "net/proxy/exchange.hpp"
#include "net/proxy/shard_services.hpp"

namespace weir::net {

/// Fills in `x.route` from the shard's configuration, which is the exchange's from here on, and,
/// when the request cannot go on to an upstream, status and reason. True: it goes to
/// `x.route.upstream`; false: it is to be answered here. Counts it among the route's.
bool route_request(shard_services& shard, exchange& x);

/// Whether rate limits are to be asked about a routed exchange that is to be answered here: about
/// files, redirects and fixed answers of the configuration, not about what the router itself says.
bool is_limited(const exchange& x);

} // namespace weir::net
