// Keys and cookies.
#include "net/proxy/own_server.hpp"

namespace weir::net {

void find_own_server(const runtime_upstream& upstream, exchange& x) {
  if (!upstream.key.empty()) x.balance_key = upstream.key.of({x.request, x.path, x.client_address});
  if (upstream.sticky) x.sticky = upstream.sticky->server_of(x.request);
}

} // namespace weir::net
