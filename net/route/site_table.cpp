// The decision about one request: route, then who may, then what answers.
#include "net/route/site_table.hpp"

#include "net/access/cors_policy.hpp"
#include "net/route/site_compiler.hpp"
#include "net/route/uri_text.hpp"

namespace weir::net {

namespace {

constexpr std::string_view default_allow = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

routing refuse(routing out, std::uint16_t status, routing_reason reason) {
  out.kind = routing_kind::refuse;
  out.status = status;
  out.reason = reason;
  return out;
}

/// A browser's question whether a script may ask; it has no credentials and never gets to the
/// origin.
routing preflight(routing out, const request_head& head) {
  if (!out.policy->cors->allows(head))
    return refuse(std::move(out), 403, routing_reason::cors_origin);
  out.kind = routing_kind::respond;
  out.status = 204;
  out.reason = routing_reason::cors_preflight;
  return out;
}

routing redirect(routing out, routing_reason reason, std::string location) {
  out.kind = routing_kind::redirect;
  out.status = 308;
  out.reason = reason;
  out.text = std::move(location);
  return out;
}

std::string origin_of(bool secure, std::string_view host, std::uint16_t port) {
  std::string out(secure ? "https://" : "http://");
  out += host;
  if (port != 0 && port != (secure ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

/// Appends the client's raw path, with `slash` a slash after it, and its query.
std::string with_target(std::string location, const request_head& head,
                        std::string_view slash = {}) {
  if (!head.path.starts_with('/')) location += '/';
  append_encoded(location, head.path, uri_bytes::raw);
  location += slash;
  if (head.has_query) {
    location += '?';
    append_encoded(location, head.query, uri_bytes::raw);
  }
  return location;
}

/// How many bytes of `raw` decode to the first `prefix` bytes of `path`; npos when normalising
/// changed more than percent-encodings, so that the two cannot be laid side by side.
std::size_t raw_length(std::string_view raw, std::string_view path, std::size_t prefix) {
  std::size_t at = 0, found = std::string_view::npos;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i == prefix) found = at;
    const auto left = raw.substr(at);
    if (left.empty()) return std::string_view::npos;
    if (percent_byte(left) == static_cast<unsigned char>(path[i]))
      at += 3;
    else if (left[0] == path[i])
      ++at;
    else
      return std::string_view::npos;
  }
  if (at != raw.size()) return std::string_view::npos;
  return path.size() == prefix ? at : found;
}

void set_text(routing& out, std::string text) {
  out.text = std::move(text);
  out.owned = true;
}

/// The client's target in origin-form.
void send_raw(routing& out, const request_head& head) {
  if (!head.absolute_form) {
    out.view = head.target;
  } else {
    set_text(out, with_target({}, head));
  }
}

void send_stripped(routing& out, const routing_input& in, std::string_view prefix) {
  const auto& head = in.head;
  const auto skip = raw_length(head.path, in.path, prefix.size());
  const auto rest = skip == std::string_view::npos ? std::string_view{} : head.path.substr(skip);
  if (rest.starts_with('/') && !head.absolute_form) {
    out.view = head.target.substr(skip);
    return;
  }
  std::string target;
  if (skip != std::string_view::npos)
    append_encoded(target, rest, uri_bytes::raw);
  else
    append_encoded(target, in.path.substr(prefix.size()), uri_bytes::path);
  if (!target.starts_with('/')) target.insert(0, 1, '/');
  if (head.has_query) {
    target += '?';
    append_encoded(target, head.query, uri_bytes::raw);
  }
  set_text(out, std::move(target));
}

/// What follows a prefix route's path, with its leading slash; the whole path for every other
/// route.
std::string_view below(const compiled_route* route, std::string_view path) {
  if (!route || route->kind != config::path_kind::prefix) return path;
  return path.substr(route->path.size() - (route->path.ends_with('/') ? 1 : 0));
}

/// Fills in who answers, for a request that may pass.
class answer {
public:
  answer(routing& out, const routing_input& in, const template_values& values)
      : out_(out), in_(in), values_(values) {}

  void operator()(std::monostate) { out_ = refuse(std::move(out_), 404, routing_reason::no_route); }

  void operator()(const proxy_action& action) {
    out_.kind = routing_kind::proxy;
    out_.upstream = action.upstream;
    const auto* route = out_.route;
    if (route && route->rewrite)
      set_text(out_, expand(*route->rewrite));
    else if (route && !route->strip_prefix.empty() && covers(route->strip_prefix, in_.path))
      send_stripped(out_, in_, route->strip_prefix);
    else
      send_raw(out_, in_.head);
  }

  void operator()(const config::files_settings& action) {
    out_.kind = routing_kind::files;
    out_.files = &action;
    if (out_.route && out_.route->rewrite)
      set_text(out_, expand(*out_.route->rewrite));
    else
      out_.view = below(out_.route, in_.path);
  }

  void operator()(const redirect_action& action) {
    out_.kind = routing_kind::redirect;
    out_.status = action.code;
    out_.text = expand(action.to);
  }

  void operator()(const config::respond_settings& action) {
    out_.kind = routing_kind::respond;
    out_.status = action.status;
    out_.respond = &action;
  }

private:
  std::string expand(const uri_template& text) {
    return text.expand(values_, in_.head.has_query, in_.head.query);
  }

  routing& out_;
  const routing_input& in_;
  const template_values& values_;
};

} // namespace

compile_result site_table::compile(const config::settings& settings, std::uint16_t https_port) {
  return site_compiler(settings, https_port).run();
}

routing site_table::route(const routing_input& in) const {
  routing out;
  if (in.path == "*" && in.head.method == http_method::options) {
    out.kind = routing_kind::respond;
    out.reason = routing_reason::server_options;
    out.status = 204;
    out.allow = default_allow;
    return out;
  }
  const auto host = host_name::parse(in.host);
  // HTTP/1.0 has requests without a host: only "*" serves them.
  if (!host && !in.host.empty()) return refuse(std::move(out), 400, routing_reason::bad_host);
  const auto name = host ? host->view() : std::string_view{};
  const auto site = hosts_.find(name);
  if (!site) return refuse(std::move(out), 421, routing_reason::unknown_host);
  return decide(in, name, sites_[*site]);
}

routing site_table::decide(const routing_input& in, std::string_view host,
                           const compiled_site& site) const {
  routing out;
  out.site = &site;
  out.policy = &site.policy;
  regex_captures captures;
  const auto found = site.paths.walk(in.path, captures, [&](std::uint32_t index) {
    const auto& route = site.routes[index];
    if (!route.match.hold(in.head)) return false;
    out.route = &route;
    out.policy = &route.policy;
    return true;
  });
  out.reason = out.route ? routing_reason::route : routing_reason::site;

  const auto& policy = *out.policy;
  if (contains(policy.deny, in.client))
    return refuse(std::move(out), 403, routing_reason::denied_address);
  if (!policy.allow.empty() && !contains(policy.allow, in.client))
    return refuse(std::move(out), 403, routing_reason::not_allowed_address);
  if (!in.secure && site.plain == plain_http::refuse)
    return refuse(std::move(out), 403, routing_reason::https_required);
  if (!in.secure && site.plain == plain_http::redirect && !host.empty())
    return redirect(std::move(out), routing_reason::https_redirect,
                    with_target(origin_of(true, host, https_port_), in.head));
  // After https, not at once with it: browsers learn HSTS for each host from its own https answer.
  if (!site.canonical.empty() && host != site.canonical)
    return redirect(std::move(out), routing_reason::canonical,
                    with_target(origin_of(in.secure, site.canonical, in.port), in.head));
  if (found == path_index::walk_result::regex_limit)
    return refuse(std::move(out), 500, routing_reason::regex_limit);

  const auto& action = out.route ? out.route->action : site.action;
  if (std::holds_alternative<std::monostate>(action)) return not_found(std::move(out), in, host);
  if (policy.cors && cors_policy::is_preflight(in.head)) return preflight(std::move(out), in.head);
  const bool never = in.head.method == http_method::connect || in.head.method == http_method::trace;
  if (never || !policy.methods.contains(in.head)) {
    out.allow = policy.methods.unlimited() ? default_allow : policy.methods.allow_field();
    return refuse(std::move(out), 405, routing_reason::method_not_allowed);
  }
  auto rest = below(out.route, in.path);
  if (rest.starts_with('/')) rest.remove_prefix(1);
  std::visit(answer(out, in, {captures, host, in.path, rest}), action);
  return out;
}

routing site_table::not_found(routing out, const routing_input& in, std::string_view host) const {
  const auto& site = *out.site;
  if (!host.empty() && in.path.starts_with('/') && !in.path.ends_with('/')) {
    const std::string slashed = std::string(in.path) + '/';
    regex_captures captures;
    const auto found = site.paths.walk(slashed, captures, [&](std::uint32_t index) {
      const auto& route = site.routes[index];
      return route.kind != config::path_kind::regex && route.path == slashed &&
             route.match.hold(in.head);
    });
    if (found == path_index::walk_result::found)
      return redirect(std::move(out), routing_reason::add_slash,
                      with_target(origin_of(in.secure, host, in.port), in.head, "/"));
  }
  return refuse(std::move(out), 404, routing_reason::no_route);
}

} // namespace weir::net
