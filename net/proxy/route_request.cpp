// Site, route and what they forbid.
#include "net/proxy/route_request.hpp"

#include "net/access/cors_policy.hpp"
#include "net/access/login_rule.hpp"
#include "net/http/authority.hpp"
#include "net/proxy/login_desk.hpp"
#include "net/proxy/runtime_config.hpp"

#include <charconv>
#include <utility>

namespace weir::net {

namespace {

std::uint16_t port_of(std::string_view digits) {
  std::uint16_t port = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return port;
}

/// The fields that ids and CORS add to both messages.
void add_fields(exchange& x) {
  const auto& policy = *x.route.policy;
  x.ids.add_request_lines(x.request_lines, policy.request);
  if (policy.shows_request_id)
    x.answer_lines.append("X-Request-Id: ").append(x.ids.request_id()).append("\r\n");
  if (!policy.cors) return;
  if (x.route.reason == routing_reason::cors_preflight)
    policy.cors->add_preflight_lines(x.request, x.answer_lines);
  else
    policy.cors->add_answer_lines(x.request, x.answer_lines);
}

/// Whether it is for the site to say who may: what was redirected or refused for another reason has
/// its answer.
bool needs_login(const routing& route) {
  if (route.policy == nullptr || !route.policy->login) return false;
  switch (route.reason) {
  case routing_reason::route:
  case routing_reason::site:
  case routing_reason::method_not_allowed:
  case routing_reason::no_route:
  case routing_reason::regex_limit:
    return true;
  default:
    return false;
  }
}

/// The origin is told who it is, by us and nobody else.
void name_user(exchange& x) {
  const auto& login = *x.route.policy->login;
  if (login.user_field.empty()) return;
  x.request.remove(login.user_field);
  x.request_lines.append(login.user_field).append(": ").append(x.user).append("\r\n");
}

/// What routing said is the answer, or the way on.
routed conclude(shard_services& shard, exchange& x) {
  const auto& route = x.route;
  if (route.kind == routing_kind::refuse) {
    shard.metrics.refused[static_cast<std::size_t>(route.reason)].add();
    x.fail(route.status, end_reason::refused);
    return routed::answer;
  }
  x.status = route.status;
  if (route.policy != nullptr && x.request.framing == body_framing::length &&
      x.request.content_length > route.policy->limits.body_bytes) {
    x.fail(413, end_reason::body_too_large);
    return routed::answer;
  }
  return route.kind == routing_kind::proxy ? routed::proxy : routed::answer;
}

} // namespace

routed route_request(shard_services& shard, const exchange_ptr& asked) {
  auto& x = *asked;
  if (shard.bans && shard.bans->has(x.client_address, shard.loop.now())) {
    x.request.keep_alive = false;
    x.fail(403, end_reason::banned);
    return routed::answer;
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
  x.series = &shard.routes.of(*x.config->sites, x.route);
  x.series->in_flight.add();
  if (x.route.policy != nullptr) add_fields(x);
  if (!needs_login(x.route)) return conclude(shard, x);
  switch (shard.logins->ask(asked)) {
  case login_verdict::waiting:
    return routed::waiting;
  case login_verdict::admitted:
    name_user(x);
    break;
  case login_verdict::refused:
    break;
  }
  return conclude(shard, x);
}

routed route_after_login(shard_services& shard, const exchange_ptr& waited) {
  auto& x = *waited;
  if (x.user.empty()) return conclude(shard, x);
  if (x.config == shard.config) {
    name_user(x);
    return conclude(shard, x);
  }
  // Its upstreams may be gone. The password is known by now: it does not wait again.
  std::exchange(x.series, nullptr)->in_flight.sub();
  x.request_lines.clear();
  x.answer_lines.clear();
  x.user.clear();
  return route_request(shard, waited);
}

bool is_limited(const exchange& x) {
  if (x.route.policy == nullptr || x.route.policy->rate_limits.empty()) return false;
  switch (x.route.reason) {
  case routing_reason::route:
  case routing_reason::site:
    return x.reason == end_reason::completed;
  case routing_reason::no_credentials:
  case routing_reason::bad_credentials:
    return true; // guessing counts
  default:
    return false;
  }
}

} // namespace weir::net
