// The router's decision about one exchange.
#pragma once

#include "net/proxy/exchange.hpp"
#include "net/proxy/shard_services.hpp"

namespace weir::net {

/// Fills in `x.route` from the shard's configuration, which is the exchange's from here on, and,
/// when the request cannot go on to an upstream, status and reason. True: it goes to
/// `x.route.upstream`; false: it is to be answered here. Counts it among the route's.
bool route_request(shard_services& shard, exchange& x);

} // namespace weir::net
