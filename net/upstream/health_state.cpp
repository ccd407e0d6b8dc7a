// Thresholds of active checks, and the Host they carry.
#include "net/upstream/health_state.hpp"

#include <algorithm>

namespace weir::net {

std::string_view name_of(check_result result) {
  switch (result) {
  case check_result::passed:
    return "passed";
  case check_result::connect_failed:
    return "connect_failed";
  case check_result::tls_failed:
    return "tls_failed";
  case check_result::timed_out:
    return "timed_out";
  case check_result::closed:
    return "closed";
  case check_result::bad_answer:
    return "bad_answer";
  case check_result::wrong_status:
    return "wrong_status";
  }
  return "invalid";
}

std::optional<server_health> health_state::on_check(bool passed) {
  auto says = passed ? server_health::up : server_health::down;
  if (says == health_) {
    in_a_row_ = 0;
    return std::nullopt;
  }
  auto needed = health_ == server_health::unknown ? 1 : std::max(passed ? pass_ : fail_, 1u);
  if (++in_a_row_ < needed) return std::nullopt;
  in_a_row_ = 0;
  health_ = says;
  return health_;
}

namespace {

bool uses(const config::action_settings& action, const std::string& name) {
  if (auto* upstream = std::get_if<config::upstream_ref>(&action)) return upstream->name == name;
  if (auto* app = std::get_if<config::app_ref>(&action)) return app->name == name;
  return false;
}

bool uses(const config::site_settings& site, const std::string& name) {
  auto by_route = [&](const config::route_settings& route) { return uses(route.action, name); };
  return uses(site.action, name) || std::any_of(site.routes.begin(), site.routes.end(), by_route);
}

} // namespace

std::string probe_host(const config::settings& settings, const config::upstream_settings& upstream,
                       const config::endpoint_address& server) {
  if (upstream.health && !upstream.health->host.empty()) return upstream.health->host;
  if (!upstream.host.empty()) return upstream.host;
  for (auto& site : settings.sites) {
    if (!uses(site, upstream.name)) continue;
    for (auto& host : site.hosts)
      if (host.find('*') == std::string::npos) return host;
  }
  return server.is_unix() ? "localhost" : server.text();
}

} // namespace weir::net
