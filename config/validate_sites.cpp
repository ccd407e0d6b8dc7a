// What must hold between the blocks of a file: sites, routes, and the names they refer to.
#include "base/text.hpp"
#include "config/validate.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace weir::config {
namespace {

/// The names that actions may refer to, and which of them were.
struct names {
  std::set<std::string_view> upstreams;
  std::set<std::string_view> apps;
  std::set<std::string_view> used = {};
};

/// `unknown upstream "apii"; did you mean "api"?`
void unknown_name(const std::string& path, std::string_view noun, const std::string& name,
                  const std::set<std::string_view>& known, const validation& check) {
  auto message = "unknown " + std::string(noun) + " " + check.origins.quote(path, name);
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  if (const auto meant = closest(name, candidates); meant && !check.origins.is_secret(path))
    message.append("; did you mean ").append(in_quotes(*meant)).append("?");
  check.error(path, std::move(message));
}

void validate_action(const action_settings& action, const std::string& path, names& known,
                     const validation& check) {
  const auto refer = [&](std::string_view noun, const std::string& key, const std::string& name,
                         const std::set<std::string_view>& those) {
    if (name.empty()) return;
    known.used.insert(name);
    if (!those.contains(name)) unknown_name(path + key, noun, name, those, check);
  };
  if (const auto* upstream = std::get_if<upstream_ref>(&action))
    refer("upstream", ".upstream", upstream->name, known.upstreams);
  if (const auto* app = std::get_if<app_ref>(&action)) refer("app", ".app", app->name, known.apps);
  if (const auto* files = std::get_if<files_settings>(&action)) {
    if (files->untrusted && !files->spa.empty())
      check.error(path + ".files.spa", "an untrusted folder cannot hold the site's own page");
    if (!files->root.empty() && !check.around.readable(files->root))
      check.warning(path + ".files",
                    "cannot read folder " + check.origins.quote(path + ".files", files->root));
  }
}

/// Field names have no case: two spellings of one are one name twice.
void validate_fields(const std::vector<std::pair<std::string, std::string>>& fields,
                     const std::string& path, const validation& check) {
  std::set<std::string> seen;
  for (const auto& [name, value] : fields)
    if (!seen.insert(to_lower(name)).second)
      check.error(path + "." + name, "field " + in_quotes(name) + " is set twice");
}

/// Fields that frame a message or belong to one connection are the proxy's own business.
void validate_header_rules(const header_rules& rules, const std::string& path,
                           const validation& check) {
  static const std::set<std::string> ours = {
      "connection", "content-length", "transfer-encoding", "keep-alive", "te",
      "trailer",    "upgrade"};
  validate_fields(rules.set, path + ".set", check);
  for (const auto& [name, value] : rules.set)
    if (ours.contains(to_lower(name)))
      check.error(path + ".set." + name, "field " + in_quotes(name) + " is the connection's own");
  for (std::size_t i = 0; i < rules.remove.size(); ++i)
    if (ours.contains(to_lower(rules.remove[i])))
      check.error(item(path + ".remove", i),
                  "field " + check.origins.quote(item(path + ".remove", i), rules.remove[i]) +
                      " is the connection's own");
}

void validate_policy(const policy_settings& policy, const std::string& path, names& known,
                     const validation& check) {
  validate_header_rules(policy.headers.response, path + ".headers", check);
  validate_header_rules(policy.headers.request, path + ".headers.request", check);
  for (const auto& page : policy.error_pages)
    if (!page.file.empty() && !check.around.readable(page.file))
      check.error(path + ".error_pages." + std::to_string(page.status),
                  "cannot read " + in_quotes(page.file));
  validate_rate_limits(policy, path, check);
  validate_access(policy.access, path, check);
  if (policy.access.forward_auth) known.used.insert(policy.access.forward_auth->upstream);
  if (!policy.methods) return;
  for (std::size_t i = 0; i < policy.methods->size(); ++i) {
    const auto& method = (*policy.methods)[i];
    if (std::any_of(method.begin(), method.end(), [](char c) { return c >= 'a' && c <= 'z'; }))
      check.warning(item(path + ".methods", i),
                    "method " + check.origins.quote(item(path + ".methods", i), method) +
                        " has small letters: methods have case");
  }
}

const char* key_of(path_kind kind) {
  switch (kind) {
  case path_kind::exact:
    return ".exact";
  case path_kind::regex:
    return ".regex";
  case path_kind::prefix:
    break;
  }
  return ".path";
}

/// Requests are matched on their decoded, dot-free path: some texts can never match.
void validate_route_path(const route_settings& route, const std::string& path,
                         const validation& check) {
  if (route.kind == path_kind::regex || route.path.empty()) return;
  const auto key = path + key_of(route.kind);
  for (const auto segment : split(route.path, '/'))
    if (segment == "." || segment == "..")
      return check.error(key, "a path with . or .. matches nothing: requests have none left");
  if (route.path.find("//") != std::string::npos)
    return check.warning(key, "a path with // matches only requests that have it as well");
  if (route.path.find('%') != std::string::npos)
    check.warning(key, "paths are compared decoded: write the character that % stands for");
}

void validate_route(const route_settings& route, const site_settings& site, const std::string& path,
                    names& known, const validation& check) {
  if (route.path.empty() && !check.origins.has(path + ".path") &&
      !check.origins.has(path + ".exact") && !check.origins.has(path + ".regex"))
    check.error(path, "a route needs path, exact or regex");
  validate_route_path(route, path, check);
  const bool inherits = std::holds_alternative<std::monostate>(route.action);
  if (inherits && std::holds_alternative<std::monostate>(site.action))
    check.error(path, "nothing answers here: give the route or its site app, upstream, files, "
                      "redirect or respond");
  if (!route.rewrite.empty() && !route.strip_prefix.empty())
    check.error(path + ".strip_prefix", "only one of rewrite and strip_prefix may be given");
  if (!route.strip_prefix.empty() && route.kind != path_kind::regex &&
      !route.path.starts_with(route.strip_prefix))
    check.warning(path + ".strip_prefix", "no path of this route begins with it");
  validate_fields(route.match.headers, path + ".match.headers", check);
  validate_action(route.action, path, known, check);
  validate_policy(route.policy, path, known, check);
}

/// Two routes that match the same requests: the second would never be reached.
void validate_overlap(const site_settings& site, const std::string& path, const validation& check) {
  const auto same = [](const route_settings& a, const route_settings& b) {
    return a.kind == b.kind && a.path == b.path && a.priority == b.priority && a.match == b.match;
  };
  std::map<std::string_view, std::vector<std::size_t>> by_path;
  for (std::size_t i = 0; i < site.routes.size(); ++i) {
    const auto& route = site.routes[i];
    if (route.path.empty()) continue;
    auto& others = by_path[route.path];
    const auto first = std::find_if(others.begin(), others.end(), [&](std::size_t other) {
      return same(site.routes[other], route);
    });
    const auto here = item(path + ".routes", i) + key_of(route.kind);
    if (first == others.end())
      others.push_back(i);
    else
      check.error(here, "this route was given already, on line " +
                            std::to_string(check.origins
                                               .at(path + ".routes[" + std::to_string(*first) +
                                                   "]" + key_of(route.kind))
                                               .line));
  }
}

void validate_https(const site_settings& site, const settings& values, const std::string& path,
                    const validation& check) {
  if (!values.listen.https.empty()) return;
  if (site.https == https_mode::redirect || site.https == https_mode::only)
    check.error(path + ".https", "there is no https listener: give one in listen.https");
  if (site.hsts) check.warning(path + ".hsts", "there is no https listener: hsts is never sent");
}

bool serves(const settings& values, const std::string& host) {
  return std::any_of(values.sites.begin(), values.sites.end(), [&](const site_settings& site) {
    return std::any_of(site.hosts.begin(), site.hosts.end(), [&](const std::string& pattern) {
      if (pattern == "*" || iequals(pattern, host)) return true;
      return pattern.starts_with("*.") && to_lower(host).ends_with(pattern.substr(1));
    });
  });
}

void validate_site(const site_settings& site, const settings& values, const std::string& path,
                   names& known, const validation& check) {
  if (!site.canonical.empty() && !serves(values, site.canonical))
    check.warning(path + ".canonical",
                  "no site serves " + check.origins.quote(path + ".canonical", site.canonical));
  if (std::holds_alternative<std::monostate>(site.action) && site.routes.empty())
    check.error(path, "nothing answers here: give the site app, upstream, files, redirect, respond "
                      "or routes");
  validate_https(site, values, path, check);
  validate_action(site.action, path, known, check);
  validate_policy(site.policy, path, known, check);
  for (std::size_t i = 0; i < site.routes.size(); ++i)
    validate_route(site.routes[i], site, item(path + ".routes", i), known, check);
  validate_overlap(site, path, check);
}

/// A host belongs to one site.
void validate_hosts(const settings& values, const validation& check) {
  std::map<std::string_view, std::string> first;
  for (std::size_t i = 0; i < values.sites.size(); ++i) {
    const auto& hosts = values.sites[i].hosts;
    for (std::size_t j = 0; j < hosts.size(); ++j) {
      if (hosts[j].empty()) continue;
      const auto path = item(item("sites", i) + ".hosts", j);
      const auto [other, is_new] = first.emplace(hosts[j], path);
      if (!is_new)
        check.error(path, "host " + check.origins.quote(path, hosts[j]) +
                              " was given already, on line " +
                              std::to_string(check.origins.at(other->second).line));
    }
  }
}

} // namespace

void validate_sites(const settings& values, const validation& check) {
  names known;
  for (const auto& upstream : values.upstreams)
    known.upstreams.insert(upstream.name);
  for (const auto& app : values.apps)
    known.apps.insert(app.name);

  validate_hosts(values, check);
  validate_limit_names(values, check);
  for (std::size_t i = 0; i < values.sites.size(); ++i)
    validate_site(values.sites[i], values, item("sites", i), known, check);
  if (values.sites.empty() && !check.origins.has("sites"))
    check.warning("", "there are no sites: every request is answered 421");

  const auto unused = [&](const std::string& block, std::string_view noun,
                          const std::string& name) {
    if (!known.used.contains(name))
      check.warning(block + "." + name, std::string(noun) + " " + in_quotes(name) + " is not used");
  };
  for (const auto& upstream : values.upstreams)
    unused("upstreams", "upstream", upstream.name);
  for (const auto& app : values.apps)
    unused("apps", "app", app.name);
}

} // namespace weir::config
