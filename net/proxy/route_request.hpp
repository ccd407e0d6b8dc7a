// The router's decision about one exchange.
#pragma once

#include "net/proxy/exchange.hpp"
#include "net/proxy/shard_services.hpp"

#include <cstdint>

namespace weir::net {

enum class routed : std::uint8_t {
  proxy,   // it goes to `x.route.upstream`
  answer,  // it is to be answered here
  waiting, // for its password: the shard's login desk keeps it and tells when it is decided
};

/// Fills in `x.route` from the shard's configuration, which is the exchange's from here on, and,
/// when the request cannot go on to an upstream, status and reason. Counts it among the route's.
routed route_request(shard_services& shard, const exchange_ptr& x);

/// Goes on with an exchange whose password was decided upon; from the start if the configuration
/// has changed meanwhile.
routed route_after_login(shard_services& shard, const exchange_ptr& x);

/// Whether rate limits are to be asked about a routed exchange that is to be answered here: about
/// files, redirects and fixed answers of the configuration and about refused passwords, not about
/// what else the router itself says.
bool is_limited(const exchange& x);

} // namespace weir::net
