// What stands between routing and the way on: a certificate, a password, another server's consent.
#pragma once

#include "net/proxy/exchange.hpp"
#include "net/proxy/shard_services.hpp"

#include <cstdint>

namespace weir::net {

enum class guard_verdict : std::uint8_t {
  pass,
  refused, // `x.route` says so
  waiting, // for its password: the shard's login desk keeps it
  asking,  // an auth_check is to be made for it
};

/// Takes out what clients may not say about themselves. For every routed exchange of a
/// configuration that asks for certificates.
void drop_client_fields(exchange& x);

/// All guards of a routed exchange, from the first. REQUIRES: its policy is guarded.
guard_verdict ask_guards(shard_services& shard, const exchange_ptr& x);
/// The first: what a site that asks its clients for certificates says. REQUIRES: it asks.
guard_verdict check_certificate(exchange& x, wall_time now);
/// Those behind the password, which was right.
guard_verdict after_password(exchange& x);
/// Those behind certificate and password: pass or asking.
guard_verdict begin_auth(exchange& x);
/// With the answer of forward_auth's server.
guard_verdict after_auth(shard_services& shard, exchange& x);

/// Forgets what guards have added, so that the exchange can be routed again.
void forget_guards(exchange& x);

} // namespace weir::net
