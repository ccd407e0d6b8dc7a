// Which server of its upstream a request belongs to, where that matters: the same for a request and
// for `weir explain`.
#pragma once

#include "net/proxy/exchange.hpp"
#include "net/proxy/runtime_config.hpp"
#include "net/upstream/balancer.hpp"

namespace weir::net {

/// Fills in `x.balance_key` and `x.sticky`, as far as the upstream's policy asks for them.
void find_own_server(const runtime_upstream& upstream, exchange& x);

/// What the exchange wishes of its server; views into it.
inline server_wish wish_of(const exchange& x) {
  return {.tried = x.tried, .key = x.balance_key, .sticky = x.sticky};
}

} // namespace weir::net
