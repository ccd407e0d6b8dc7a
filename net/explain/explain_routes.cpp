// Site, routes and fields as the configuration in force has them.
#include "net/explain/explain_parts.hpp"
#include "net/http/authority.hpp"
#include "net/route/route_survey.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <string_view>

namespace weir::net {

namespace {

std::string_view name_of(config::path_kind kind) {
  switch (kind) {
  case config::path_kind::prefix:
    return "prefix";
  case config::path_kind::exact:
    return "exact";
  case config::path_kind::regex:
    break;
  }
  return "regex";
}

/// The pattern that led to the site.
std::string host_rule_of(const exchange& x) {
  host_port authority;
  split_authority(x.request.authority, authority);
  const auto host = host_name::parse(authority.host);
  const auto found = x.config->sites->hosts().match(host ? host->view() : std::string_view{});
  return found ? found->pattern() : std::string{};
}

/// Splits lines of "Name: value\r\n" and calls `visit` with each.
template <class Visit>
void each_line(std::string_view lines, Visit&& visit) {
  while (!lines.empty()) {
    const auto end = std::min(lines.find("\r\n"), lines.size());
    const auto line = lines.substr(0, end);
    lines.remove_prefix(std::min(end + 2, lines.size()));
    const auto colon = std::min(line.find(':'), line.size());
    visit(line.substr(0, colon), trim(line.substr(std::min(colon + 1, line.size()))));
  }
}

bool sets(const explained_fields& fields, std::string_view name) {
  return std::any_of(fields.set.begin(), fields.set.end(),
                     [&](const auto& field) { return iequals(field.first, name); });
}

void add_removed(const field_changes& changes, explained_fields& out) {
  for (const auto& name : changes.dropped)
    if (!sets(out, name)) out.removed.push_back(name);
}

/// Ids are made anew for each request, so one that nobody sent has none to show.
void add_shown(std::string_view lines, explained_fields& out) {
  each_line(lines, [&](std::string_view name, std::string_view value) {
    out.set.emplace_back(name, iequals(name, "x-request-id") ? std::string{} : std::string(value));
  });
}

void add_names(std::string_view lines, explained_fields& out) {
  each_line(lines, [&](std::string_view name, std::string_view) {
    out.set.emplace_back(name, std::string{});
  });
}

} // namespace

void explain_routes(const exchange& x, explanation& out) {
  if (x.route.site == nullptr) return;
  const auto& site = *x.route.site;
  const auto index = static_cast<std::size_t>(&site - x.config->sites->sites().data());
  const auto& known = x.config->snapshot->source.sites;
  const auto lines = index < known.size() ? known[index] : config::site_lines{};
  out.site = {site.name, host_rule_of(x), lines.site};
  for (const auto& each : survey_routes(site, x.request, x.path)) {
    const auto& route = site.routes[each.route];
    out.routes.push_back({.path = route.path,
                          .kind = std::string(name_of(route.kind)),
                          .line = each.route < lines.routes.size() ? lines.routes[each.route] : 0,
                          .fate = std::string(net::name_of(each.fate)),
                          .differs = std::string(each.name)});
  }
}

void explain_fields(const exchange& x, explanation& out) {
  if (x.route.policy == nullptr) return;
  const auto& policy = *x.route.policy;
  add_shown(policy.response.lines, out.response_fields);
  for (const auto& preset : policy.response.presets)
    add_shown(preset.line, out.response_fields);
  if (x.secure) add_shown(policy.hsts, out.response_fields);
  add_shown(x.answer_lines, out.response_fields);
  add_removed(policy.response, out.response_fields);
  if (x.route.kind != routing_kind::proxy) return;
  add_names(policy.request.lines, out.request_fields);
  add_names(x.request_lines, out.request_fields);
  add_removed(policy.request, out.request_fields);
}

} // namespace weir::net
