// Who sends a request, and for what path: what is to be known of it before it is routed.
#pragma once

#include "net/proxy/exchange.hpp"

namespace weir::net {

/// Names the client by the trusted-proxy rule, gives the request its ids and decodes its path.
/// False: `x` has failed, and whoever sent it may not agree with us on what follows it. REQUIRES:
/// the request is parsed, `x.config` and `x.identity` are set.
bool identify_request(exchange& x, unique_ids& ids);

} // namespace weir::net
