// Merging and checking what sites and routes demand.
#include "net/route/policy.hpp"

#include "base/text.hpp"
#include "net/access/client_fields.hpp"
#include "net/access/cors_policy.hpp"
#include "net/access/security_headers.hpp"
#include "net/http/forwarded.hpp"
#include "net/http/known_fields.hpp"

#include <algorithm>

namespace weir::net {

namespace {

std::uint64_t length_bit(std::size_t length) {
  return std::uint64_t{1} << std::min<std::size_t>(length, 63);
}

/// Fields that say how a message is framed or which connection it is on: changing them breaks the
/// message.
bool is_framing(std::string_view name) {
  constexpr std::array<std::string_view, 9> names = {
      "connection", "content-length",    "keep-alive", "proxy-connection", "te",
      "trailer",    "transfer-encoding", "upgrade",    "http2-settings"};
  return std::find(names.begin(), names.end(), to_lower(name)) != names.end();
}

/// Collects the rules of site and route for one message; the later rule of a name wins.
class field_changes_builder {
public:
  field_changes_builder(const std::string& where, const char* key, std::vector<std::string>& errors)
      : where_(where), key_(key), errors_(errors) {}

  void add(const config::header_rules& rules, bool host_allowed) {
    for (const auto& name : rules.remove)
      if (usable(name, host_allowed)) drop(name);
    for (const auto& [name, value] : rules.set) {
      if (!usable(name, host_allowed)) continue;
      if (!is_field_value(value)) {
        complain("the value of \"" + name + "\" has a control byte");
        continue;
      }
      drop(name);
      lines_.emplace_back(to_lower(name), name + ": " + value + "\r\n");
    }
  }

  /// Whether a rule sets or removes it.
  bool takes_over(const std::string& name) const {
    return std::find(dropped_.begin(), dropped_.end(), to_lower(name)) != dropped_.end();
  }

  /// A field that only we send: neither the other side's nor a rule's goes out, also not with
  /// underscores, which CGI and WSGI would take for the same.
  void own(const std::string& name) {
    std::vector<std::string> spellings{name};
    for (std::size_t dash = name.find('-'); dash != name.npos && spellings.size() < 32;
         dash = name.find('-', dash + 1))
      for (auto i = spellings.size(); i-- > 0;)
        spellings.emplace_back(spellings[i])[dash] = '_';
    for (const auto& each : spellings)
      drop(each);
  }

  field_changes finish() {
    field_changes out;
    for (const auto& [name, line] : lines_)
      out.lines += line;
    for (const auto& name : dropped_) {
      out.lengths |= length_bit(name.size());
      out.drops_forwarding |= is_forwarding_field(identify_field(name));
    }
    out.dropped = std::move(dropped_);
    return out;
  }

private:
  bool usable(const std::string& name, bool host_allowed) {
    if (!is_token(name)) return complain("\"" + name + "\" is not a field name");
    if (is_framing(name)) return complain("\"" + name + "\" belongs to the message's framing");
    if (!host_allowed && to_lower(name) == "host")
      return complain("\"Host\" is set by `host` of the upstream");
    return true;
  }

  bool complain(const std::string& what) {
    errors_.push_back(where_ + "." + key_ + ": " + what);
    return false;
  }

  void drop(const std::string& name) {
    const auto key = to_lower(name);
    std::erase_if(lines_, [&](const auto& line) { return line.first == key; });
    if (std::find(dropped_.begin(), dropped_.end(), key) == dropped_.end()) dropped_.push_back(key);
  }

  const std::string& where_;
  const char* key_;
  std::vector<std::string>& errors_;
  std::vector<std::pair<std::string, std::string>> lines_;
  std::vector<std::string> dropped_;
};

/// Calls `own` for each field by which the origin learns who was let in.
template <class Own>
void each_told(const config::access_settings& access, Own own) {
  const auto& login = access.basic_auth;
  if (login && !login->users.empty() && !login->user_field.empty()) own(login->user_field);
  const auto& auth = access.forward_auth;
  if (!auth || auth->upstream.empty()) return;
  for (const auto& name : auth->copy)
    own(name);
}

/// Where a route of the site lets everyone in, its application is the same: nobody else tells it
/// who comes, unless it is the operator. Credentials are the client's own there.
void drop_told(const config::access_settings& access, field_changes_builder& request) {
  each_told(access, [&](const std::string& name) {
    const bool credentials = iequals(name, "authorization") || iequals(name, "cookie");
    if (!credentials && !request.takes_over(name)) request.own(name);
  });
}

/// Fields that only we send to the origin: they stand in the head for the stages to see, and go out
/// with our lines, which no Connection of the client's takes away.
void own_request_fields(const config::access_settings& base, const config::access_settings& top,
                        field_changes_builder& request, compiled_policy& out) {
  if (out.client != config::client_mode::off)
    for (std::size_t i = 0; i < client_fields_sent; ++i) {
      const std::string name(client_field_names[i]);
      if (request.takes_over(name)) continue; // the operator's rule is for the origin
      out.client_fields |= static_cast<std::uint8_t>(1u << i);
      request.own(name);
    }
  config::access_settings in_force;
  in_force.basic_auth = top.basic_auth ? top.basic_auth : base.basic_auth;
  in_force.forward_auth = top.forward_auth ? top.forward_auth : base.forward_auth;
  each_told(in_force, [&](const std::string& name) { request.own(name); });
  drop_told(base, request);
}

/// Unsafe requests of any route invalidate what others store, so each route of a site that caches
/// has a policy.
std::shared_ptr<const cache_policy>
compile_cache(const config::site_settings& site, const std::optional<config::cache_settings>& own) {
  const auto enabled = [](const std::optional<config::cache_settings>& each) {
    return each && each->enabled;
  };
  if (enabled(own)) return std::make_shared<const cache_policy>(*own);
  const bool other = enabled(site.policy.cache) ||
                     std::any_of(site.routes.begin(), site.routes.end(),
                                 [&](const auto& route) { return enabled(route.policy.cache); });
  return other ? std::make_shared<const cache_policy>() : nullptr;
}

} // namespace

bool contains(const std::vector<config::cidr>& networks, const std::array<std::uint8_t, 16>& ip) {
  return std::any_of(networks.begin(), networks.end(),
                     [&ip](const config::cidr& n) { return n.contains(ip); });
}

bool field_changes::drops(std::string_view name) const {
  if (!(lengths & length_bit(name.size()))) return false;
  return std::any_of(dropped.begin(), dropped.end(),
                     [&](const std::string& d) { return iequals(d, name); });
}

compiled_policy compile_policy(const config::settings& all, const config::site_settings& site,
                               const config::policy_settings* route, const std::string& where,
                               std::vector<std::string>& errors) {
  const auto& base = site.policy;
  const auto& top = route ? *route : base;
  compiled_policy out;
  const auto& methods = top.methods ? top.methods : base.methods;
  if (methods) {
    for (const auto& name : *methods)
      if (!is_token(name)) errors.push_back(where + ".methods: \"" + name + "\" is not a method");
    out.methods = method_set(*methods);
  }
  auto denied = base.deny;
  if (route) denied.insert(denied.end(), route->deny.begin(), route->deny.end());
  out.deny = std::move(denied);
  out.allow = top.allow.empty() ? base.allow : top.allow;

  field_changes_builder request(where, "headers.request", errors);
  field_changes_builder response(where, "headers", errors);
  request.add(base.headers.request, false);
  response.add(base.headers.response, true);
  if (route) {
    request.add(route->headers.request, false);
    response.add(route->headers.response, true);
  }
  if (site.hsts) {
    const std::string name = "Strict-Transport-Security";
    response.own(name);
    out.hsts = name + ": max-age=" + std::to_string(site.hsts->count()) + "\r\n";
  }
  const auto& cors = top.access.cors ? top.access.cors : base.access.cors;
  if (cors && !cors->origins.empty()) {
    out.cors = std::make_shared<const cors_policy>(*cors);
    for (const auto name : cors_policy::response_fields)
      response.own(std::string(name));
  }
  const std::string request_id = "X-Request-Id";
  out.shows_request_id = all.tracing.request_id == config::request_id_mode::response &&
                         !response.takes_over(request_id);
  if (out.shows_request_id) response.own(request_id);
  out.client = site.tls.client;
  own_request_fields(base.access, top.access, request, out);
  out.request = request.finish();
  out.response = response.finish();
  const auto& careful =
      top.access.security_headers ? top.access.security_headers : base.access.security_headers;
  if (careful) {
    out.response.presets = security_presets(*careful);
    std::erase_if(out.response.presets,
                  [&](const preset_field& preset) { return out.response.drops(preset.name); });
  }
  out.cache_control = top.cache_control.empty() ? base.cache_control : top.cache_control;
  const auto& compress = top.compress ? top.compress : base.compress;
  if (compress && compress->on)
    out.compress = std::make_shared<const config::compress_settings>(*compress);
  out.error_pages =
      load_error_pages(base.error_pages, route ? &route->error_pages : nullptr, where, errors);
  if (const auto& named = top.send_files ? top.send_files : base.send_files) {
    send_files_rule rule;
    rule.files.root = named->root;
    rule.prefix = named->prefix;
    if (!rule.prefix.empty() && !rule.prefix.ends_with('/')) rule.prefix += '/';
    out.send_files = std::make_shared<const send_files_rule>(std::move(rule));
  }
  out.limits = top.limits ? *top.limits : base.limits ? *base.limits : all.limits;
  out.cache = compile_cache(site, top.cache ? top.cache : base.cache);
  return out;
}

} // namespace weir::net
