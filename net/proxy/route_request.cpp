// Site, route and what they forbid.
#include "net/proxy/route_request.hpp"

#include "net/http/authority.hpp"
#include "net/proxy/runtime_config.hpp"

#include <charconv>

namespace weir::net {

namespace {

std::uint16_t port_of(std::string_view digits) {
  std::uint16_t port = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return port;
}

} // namespace

bool route_request(shard_services& shard, exchange& x) {
  if (shard.bans && shard.bans->has(x.client_address, shard.loop.now())) {
    x.request.keep_alive = false;
    x.fail(403, end_reason::banned);
    return false;
  }
  x.config = shard.config;
  host_port authority;
  split_authority(x.request.authority, authority);
  x.route = x.config->sites->route({.head = x.request,
                                    .host = authority.host,
                                    .path = x.path,
                                    .secure = x.secure,
                                    .client = x.client_address.bytes(),
                                    .port = port_of(authority.port)});
  const auto& route = x.route;
  x.series = &shard.routes.of(*x.config->sites, route);
  x.series->in_flight.add();
  if (route.kind == routing_kind::refuse) {
    shard.metrics.refused[static_cast<std::size_t>(route.reason)].add();
    x.fail(route.status, end_reason::refused);
    return false;
  }
  x.status = route.status;
  if (route.policy != nullptr && x.request.framing == body_framing::length &&
      x.request.content_length > route.policy->limits.body_bytes) {
    x.fail(413, end_reason::body_too_large);
    return false;
  }
  return route.kind == routing_kind::proxy;
}

bool is_limited(const exchange& x) {
  if (x.route.policy == nullptr || x.route.policy->rate_limits.empty()) return false;
  const bool own =
      x.route.reason == routing_reason::route || x.route.reason == routing_reason::site;
  return own && x.reason == end_reason::completed;
}

} // namespace weir::net
