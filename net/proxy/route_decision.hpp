// What the router decides about one exchange, counted by nobody: the same for a request and for
// `weir explain`.
#pragma once

#include "base/clock.hpp"
#include "net/access/basic_credentials.hpp"
#include "net/limit/ban_set.hpp"
#include "net/proxy/exchange.hpp"

#include <cstdint>
#include <optional>

namespace weir::net {

enum class routed : std::uint8_t {
  proxy,   // it goes to `x.route.upstream`
  answer,  // it is to be answered here
  waiting, // for its password: the shard's login desk keeps it and tells when it is decided
  asking,  // an auth_check is to be made for it, at the upstream of its policy's auth_rule
};

/// Whether the client is banned (null: nobody is): then `x` has failed. Before it is routed.
bool refuse_banned(exchange& x, const ban_set* bans, steady_time now);

/// Fills in `x.route` and the fields that ids and CORS add; takes out what clients may not say
/// about themselves. REQUIRES: `x.config` is set and the request is identified.
void choose_route(exchange& x);

/// Whether it is for the site to say who may: what was redirected or refused for another reason has
/// its answer.
bool needs_leave(const routing& route);

/// The user and the password that the request has; nothing: none, several, or none that can be
/// read.
std::optional<basic_credentials> credentials_of(const request_head& head);
/// Nobody is let in by them: `status` with `reason`, and for a 401 the challenge.
void refuse_login(exchange& x, std::uint16_t status, routing_reason reason);

/// What routing and guards said is the answer, with status and reason, or the way on: neither
/// waiting nor asking.
routed conclude_routing(exchange& x);

/// Whether rate limits are to be asked about a routed exchange that is to be answered here: about
/// files, redirects and fixed answers of the configuration and about refused passwords, not about
/// what else the router itself says.
bool is_limited(const exchange& x);

} // namespace weir::net
