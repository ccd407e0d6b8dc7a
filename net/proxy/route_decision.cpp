// Site, route and what they forbid.
#include "net/proxy/route_decision.hpp"

#include "net/access/cors_policy.hpp"
#include "net/access/login_rule.hpp"
#include "net/http/authority.hpp"
#include "net/proxy/guards.hpp"
#include "net/proxy/runtime_config.hpp"

#include <charconv>

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

} // namespace

bool refuse_banned(exchange& x, const ban_set* bans, steady_time now) {
  if (bans == nullptr || !bans->has(x.client_address, now)) return false;
  x.request.keep_alive = false;
  x.fail(403, end_reason::banned);
  return true;
}

void choose_route(exchange& x) {
  if (x.config->sites->asks_clients()) drop_client_fields(x);
  host_port authority;
  split_authority(x.request.authority, authority);
  x.route = x.config->sites->route({.head = x.request,
                                    .host = authority.host,
                                    .path = x.path,
                                    .secure = x.secure,
                                    .client = x.client_address.bytes(),
                                    .port = port_of(authority.port)});
  if (x.route.policy != nullptr) add_fields(x);
}

bool needs_leave(const routing& route) {
  if (route.policy == nullptr || !route.policy->guarded) return false;
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

std::optional<basic_credentials> credentials_of(const request_head& head) {
  const auto* found = head.find_only(field_id::authorization);
  return parse_basic_credentials(found != nullptr ? found->value : std::string_view{});
}

void refuse_login(exchange& x, std::uint16_t status, routing_reason reason) {
  if (status == 401) x.answer_lines += x.route.policy->login->challenge;
  x.route.kind = routing_kind::refuse;
  x.route.reason = reason;
  x.route.status = status;
  x.fail(status, end_reason::refused);
}

routed conclude_routing(exchange& x) {
  const auto& route = x.route;
  if (route.kind == routing_kind::refuse) {
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

bool is_limited(const exchange& x) {
  if (x.route.policy == nullptr || x.route.policy->rate_limits.empty()) return false;
  switch (x.route.reason) {
  case routing_reason::route:
  case routing_reason::site:
    return x.reason == end_reason::completed;
  case routing_reason::no_credentials:
  case routing_reason::bad_credentials:
  case routing_reason::auth_refused:
    return true; // guessing counts
  default:
    return false;
  }
}

} // namespace weir::net
