// Compiling sites and routes, with a sentence for each error.
#include "net/route/site_compiler.hpp"

#include <algorithm>
#include <numeric>

namespace weir::net {

namespace {

plain_http plain_mode(const config::settings& all, const config::site_settings& site) {
  switch (site.https) {
  case config::https_mode::redirect:
    return plain_http::redirect;
  case config::https_mode::only:
    return plain_http::refuse;
  case config::https_mode::off:
    return plain_http::serve;
  case config::https_mode::automatic:
    break;
  }
  const bool tls = !all.tls.certificates.empty() && !all.listen.https.empty();
  return tls ? plain_http::redirect : plain_http::serve;
}

/// The realm as a quoted-string (RFC 7617 2); clients are told to write in UTF-8 (2.1).
std::string challenge_line(std::string_view realm) {
  std::string out = "WWW-Authenticate: Basic realm=\"";
  for (const char c : realm) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\", charset=\"UTF-8\"\r\n";
}

bool is_redirect_code(std::uint16_t code) {
  return code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

} // namespace

site_compiler::site_compiler(const config::settings& settings, std::uint16_t https_port)
    : settings_(settings), table_(new site_table) {
  table_->asks_clients_ = settings.asks_clients();
  if (https_port == 0 && !settings.listen.https.empty())
    https_port = settings.listen.https.front().port;
  if (https_port != 0) table_->https_port_ = https_port;
  const auto name_upstream = [this](const std::string& name) {
    const auto index = static_cast<std::uint32_t>(table_->upstreams_.size());
    if (upstream_index_.emplace(name, index).second) table_->upstreams_.push_back(name);
  };
  for (const auto& upstream : settings.upstreams)
    name_upstream(upstream.name);
  for (const auto& app : settings.apps)
    name_upstream(app.name);
}

compile_result site_compiler::run() {
  table_->sites_.reserve(settings_.sites.size());
  for (const auto& site : settings_.sites)
    compile_site(site);
  if (!errors_.empty()) return {nullptr, std::move(errors_)};
  return {std::move(table_), {}};
}

void site_compiler::compile_site(const config::site_settings& settings) {
  const auto index = static_cast<std::uint32_t>(table_->sites_.size());
  const std::string here = "sites[" + std::to_string(index) + "] (" + settings.name() + ")";
  where_ = here;
  auto& site = table_->sites_.emplace_back();
  site.name = settings.name();
  site.plain = plain_mode(settings_, settings);
  site.policy = compile_policy(settings_, settings, nullptr, where_, errors_);
  complete(site.policy, settings, nullptr);
  site.action = compile_action(settings.action, nullptr);
  add_hosts(settings, index);

  regexes_.assign(settings.routes.size(), std::nullopt);
  for (std::size_t i = 0; i < settings.routes.size(); ++i) {
    const auto& route = settings.routes[i];
    where_ = here + ".routes[" + std::to_string(i) + "] (" + route.path + ")";
    if (route.kind == config::path_kind::regex) {
      std::string error;
      regexes_[i] = route_regex::compile(route.path, error);
      if (!regexes_[i]) {
        complain("regex: " + error);
        site.routes.emplace_back();
        continue;
      }
    } else if (!route.path.starts_with('/')) {
      complain("a path begins with \"/\"");
    }
    site.routes.push_back(compile_route(settings, route));
  }
  index_routes(settings, site);
}

void site_compiler::add_hosts(const config::site_settings& settings, std::uint32_t index) {
  if (settings.hosts.empty()) complain("a site needs at least one host");
  for (const auto& host : settings.hosts) {
    const auto pattern = host_index::pattern_of(host);
    if (pattern.empty())
      complain("\"" + host + "\" is not a host");
    else if (!table_->hosts_.add(pattern, index))
      complain("the host \"" + host + "\" is there twice");
  }
  if (settings.canonical.empty()) return;
  auto& canonical = table_->sites_[index].canonical;
  canonical = host_index::pattern_of(settings.canonical);
  // It may be another site's: then this one only leads there.
  if (canonical.empty() || canonical.starts_with('*'))
    complain("canonical: \"" + settings.canonical + "\" is not a host");
}

compiled_route site_compiler::compile_route(const config::site_settings& site,
                                            const config::route_settings& route) {
  const auto& regex = regexes_[static_cast<std::size_t>(&route - site.routes.data())];
  const route_regex* captures = regex ? &*regex : nullptr;
  compiled_route out;
  out.kind = route.kind;
  out.path = route.path;
  out.priority = route.priority;
  out.match = match_rules(route.match);
  out.policy = compile_policy(settings_, site, &route.policy, where_, errors_);
  complete(out.policy, site, &route);
  const bool own = !std::holds_alternative<std::monostate>(route.action);
  if (own)
    out.action = compile_action(route.action, captures);
  else if (std::holds_alternative<std::monostate>(site.action))
    complain("nothing answers: neither the route nor its site says app, upstream, files, redirect "
             "or respond");
  else
    out.action = table_->sites_.back().action;

  const bool files = std::holds_alternative<config::files_settings>(out.action);
  if (!route.rewrite.empty())
    out.rewrite =
        compile_template(route.rewrite, files ? template_use::file_path : template_use::rewrite,
                         captures, "rewrite");
  out.strip_prefix = route.strip_prefix;
  while (out.strip_prefix.ends_with('/'))
    out.strip_prefix.pop_back();
  if (!route.strip_prefix.empty() && !route.strip_prefix.starts_with('/'))
    complain("strip_prefix: it must begin with \"/\"");
  if (!route.strip_prefix.empty() && !route.rewrite.empty())
    complain("rewrite and strip_prefix exclude each other");
  return out;
}

void site_compiler::complete(compiled_policy& policy, const config::site_settings& site,
                             const config::route_settings* route) {
  policy.rate_limits = compile_limits(site, route);
  policy.login = compile_login(site, route);
  policy.auth = compile_auth(site, route);
  policy.guarded = policy.login || policy.auth || policy.client != config::client_mode::off;
}

std::shared_ptr<const auth_rule> site_compiler::compile_auth(const config::site_settings& site,
                                                             const config::route_settings* route) {
  if (route && !route->policy.access.forward_auth) return table_->sites_.back().policy.auth;
  const auto& settings =
      route ? route->policy.access.forward_auth : site.policy.access.forward_auth;
  if (!settings || settings->upstream.empty()) return nullptr;
  const auto upstream = upstream_index_.find(settings->upstream);
  if (upstream == upstream_index_.end()) {
    complain("forward_auth: there is no upstream \"" + settings->upstream + "\"");
    return nullptr;
  }
  auto made = std::make_shared<auth_rule>();
  made->upstream = upstream->second;
  made->upstream_name = settings->upstream;
  made->target = settings->target;
  made->copy = settings->copy;
  made->copy_back = settings->copy_back;
  made->timeout = settings->timeout;
  made->body_bytes_max = settings->body_bytes;
  made->terms.limits = settings_.limits;
  made->terms.limits.timeouts.request = settings->timeout;
  return made;
}

std::shared_ptr<const login_rule>
site_compiler::compile_login(const config::site_settings& site,
                             const config::route_settings* route) {
  if (route && !route->policy.access.basic_auth) return table_->sites_.back().policy.login;
  const auto& settings = route ? route->policy.access.basic_auth : site.policy.access.basic_auth;
  if (!settings || settings->users.empty()) return nullptr;
  const auto [file, is_new] = user_files_.try_emplace(settings->users);
  if (is_new) {
    file->second = user_file::load(settings->users);
    for (const auto& error : file->second.errors)
      complain("basic_auth: " + error);
  }
  auto made = std::make_shared<login_rule>();
  made->users = file->second.users;
  made->challenge = challenge_line(settings->realm);
  made->user_field = settings->user_field;
  made->forward = settings->forward;
  return made;
}

void site_compiler::index_routes(const config::site_settings& settings, compiled_site& site) {
  // Of two routes with the same path the one with more conditions is asked first, else it could
  // never match.
  std::vector<std::uint32_t> order(settings.routes.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return site.routes[a].match.count() > site.routes[b].match.count();
  });
  for (const auto i : order) {
    const auto& route = settings.routes[i];
    if (route.kind == config::path_kind::exact)
      site.paths.add_exact(route.priority, route.path, i);
    else if (route.kind == config::path_kind::prefix)
      site.paths.add_prefix(route.priority, route.path, i);
  }
  for (std::uint32_t i = 0; i < regexes_.size(); ++i)
    if (regexes_[i]) site.paths.add_regex(settings.routes[i].priority, std::move(*regexes_[i]), i);
  site.paths.finish();
}

std::optional<uri_template> site_compiler::compile_template(const std::string& text,
                                                            template_use use,
                                                            const route_regex* regex,
                                                            const char* key) {
  std::string error;
  auto out = uri_template::parse(text, use, regex, error);
  if (!out) complain(std::string(key) + " \"" + text + "\": " + error);
  return out;
}

compiled_action site_compiler::compile_action(const config::action_settings& action,
                                              const route_regex* regex) {
  const auto proxy = [this](const char* noun, const std::string& name) -> compiled_action {
    if (const auto it = upstream_index_.find(name); it != upstream_index_.end())
      return proxy_action{it->second};
    complain("there is no " + std::string(noun) + " \"" + name + "\"");
    return {};
  };
  if (const auto* ref = std::get_if<config::upstream_ref>(&action))
    return proxy("upstream", ref->name);
  if (const auto* ref = std::get_if<config::app_ref>(&action)) return proxy("app", ref->name);
  if (const auto* files = std::get_if<config::files_settings>(&action)) return *files;
  if (const auto* respond = std::get_if<config::respond_settings>(&action)) return *respond;
  if (const auto* redirect = std::get_if<config::redirect_settings>(&action)) {
    if (!is_redirect_code(redirect->code))
      complain("redirect: " + std::to_string(redirect->code) + " is not 301, 302, 303, 307 or 308");
    if (auto to = compile_template(redirect->to, template_use::redirect, regex, "redirect"))
      return redirect_action{std::move(*to), redirect->code};
  }
  return {};
}

} // namespace weir::net
