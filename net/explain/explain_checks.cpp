// From the reason of a decision to the rules before it, and those after it that nobody asked.
#include "net/explain/explain_checks.hpp"

#include "base/units.hpp"
#include "net/access/auth_rule.hpp"
#include "net/route/site_table.hpp"

#include <cstdint>
#include <string>

namespace weir::net {

namespace {

/// In the order of the request path.
enum class rule : std::uint8_t {
  request,
  ban,
  host,
  deny,
  allow,
  https,
  canonical,
  cors,
  certificate,
  login,
  forward_auth,
  route,
  methods,
  body,
  none, // what comes after them decides
};

rule decided_by(routing_reason reason) {
  switch (reason) {
  case routing_reason::route:
  case routing_reason::site:
    return rule::none;
  case routing_reason::server_options:
  case routing_reason::bad_host:
  case routing_reason::unknown_host:
    return rule::host;
  case routing_reason::denied_address:
    return rule::deny;
  case routing_reason::not_allowed_address:
    return rule::allow;
  case routing_reason::https_required:
  case routing_reason::https_redirect:
    return rule::https;
  case routing_reason::canonical:
    return rule::canonical;
  case routing_reason::cors_preflight:
  case routing_reason::cors_origin:
    return rule::cors;
  case routing_reason::no_client_certificate:
  case routing_reason::bad_client_certificate:
  case routing_reason::other_client_terms:
    return rule::certificate;
  case routing_reason::no_credentials:
  case routing_reason::bad_credentials:
  case routing_reason::login_address_busy:
  case routing_reason::login_queue_full:
    return rule::login;
  case routing_reason::auth_refused:
  case routing_reason::auth_timeout:
  case routing_reason::auth_bad_answer:
  case routing_reason::auth_unreachable:
    return rule::forward_auth;
  case routing_reason::no_route:
  case routing_reason::add_slash:
  case routing_reason::regex_limit:
    return rule::route;
  case routing_reason::method_not_allowed:
    return rule::methods;
  }
  return rule::none;
}

rule decided_by(const exchange& x) {
  switch (x.reason) {
  case end_reason::malformed_request:
  case end_reason::bad_path:
  case end_reason::not_supported:
    return rule::request;
  case end_reason::banned:
    return rule::ban;
  case end_reason::body_too_large:
    return rule::body;
  default:
    return decided_by(x.route.reason);
  }
}

std::string outcome_of(const exchange& x) {
  if (x.reason != end_reason::completed) return "refused";
  return x.route.kind == routing_kind::redirect ? "redirected" : "answered";
}

std::string networks(const std::vector<config::cidr>& list) {
  return std::to_string(list.size()) + (list.size() == 1 ? " network" : " networks");
}

class checklist {
public:
  explicit checklist(const exchange& x) : x_(x), decided_(decided_by(x)) {}

  std::vector<explained_check> make() {
    add(rule::request, "request", true);
    add(rule::ban, "ban", true);
    add(rule::host, "host", true);
    if (x_.route.policy != nullptr) add_policy(*x_.route.site, *x_.route.policy);
    return std::move(out_);
  }

private:
  void add_policy(const compiled_site& site, const compiled_policy& policy) {
    add(rule::deny, "deny", !policy.deny.empty(), networks(policy.deny));
    add(rule::allow, "allow", !policy.allow.empty(), networks(policy.allow));
    add(rule::https, "https", site.plain != plain_http::serve,
        site.plain == plain_http::redirect ? "redirect" : "only");
    add(rule::canonical, "canonical", !site.canonical.empty(), site.canonical);
    add(rule::cors, "cors", policy.cors != nullptr);
    add(rule::certificate, "certificate", policy.client != config::client_mode::off);
    add(rule::login, "login", policy.login != nullptr);
    add(rule::forward_auth, "forward_auth", policy.auth != nullptr,
        policy.auth != nullptr ? policy.auth->upstream_name : std::string());
    add(rule::route, "route", true);
    add(rule::methods, "methods", !policy.methods.unlimited(), policy.methods.allow_field());
    add(rule::body, "body", x_.request.framing != body_framing::none,
        "at most " + format_size(policy.limits.body_bytes));
  }

  /// A rule that the configuration does not have is listed only if it decided: TRACE is never
  /// among the methods.
  void add(rule which, const char* name, bool exists, std::string detail = {}) {
    if (!exists && which != decided_) return;
    auto outcome = which < decided_    ? std::string("passed")
                   : which == decided_ ? outcome_of(x_)
                                       : std::string("not_asked");
    out_.push_back({name, std::move(outcome), std::move(detail)});
  }

  const exchange& x_;
  const rule decided_;
  std::vector<explained_check> out_;
};

} // namespace

std::vector<explained_check> checks_of(const exchange& x) {
  return checklist(x).make();
}

} // namespace weir::net
