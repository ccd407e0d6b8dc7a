// What routing decides about one request: who answers it, or why nobody does.
#pragma once

#include "config/settings.hpp"
#include "net/http/message.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::net {

struct compiled_policy;
struct compiled_route;
struct compiled_site;

/// What is known of a request before routing. Views must outlive the `routing` made from it.
struct routing_input {
  const request_head& head;
  std::string_view host; // the authority's host; any case; a port or a trailing dot is ignored
  std::string_view path; // decoded and normalised (net/http/target_path); "*" for OPTIONS *
  bool secure = false;   // the client speaks TLS to us, or to a trusted proxy
  std::array<std::uint8_t, 16> client{}; // IPv4 as v4-mapped IPv6
  std::uint16_t port = 0; // the port the client named in its authority; 0: none, the scheme's own
};

enum class routing_kind : std::uint8_t { proxy, files, respond, redirect, refuse };

/// Why a request went where it went. Reaches the access log, `weir explain` and
/// weir_filter_denied_total. Append only.
enum class routing_reason : std::uint8_t {
  route,                  // a route matched
  site,                   // no route did: the site's own action
  server_options,         // OPTIONS *: answered for the server as a whole
  bad_host,               // 400: the host is not one
  unknown_host,           // 421: no site has it
  denied_address,         // 403: in `deny`
  not_allowed_address,    // 403: `allow` has others only
  https_required,         // 403: `https: only` and the request came in plain
  https_redirect,         // 308 to https
  canonical,              // 308 to the site's canonical host
  method_not_allowed,     // 405 with Allow
  no_route,               // 404: no route matched and the site has no action of its own
  add_slash,              // 308: "/x" where only "/x/" is routed
  regex_limit,            // 500: a regex route used up its match limit on this path
  cors_preflight,         // 204: a browser asked for leave, and has it
  cors_origin,            // 403: it asked for an origin that `cors` does not have
  no_credentials,         // 401: `basic_auth`, and none came, or none that can be read
  bad_credentials,        // 401: the user or the password is wrong
  login_address_busy,     // 429: too many passwords of this address wait to be verified
  login_queue_full,       // 503: too many of all
  no_client_certificate,  // 403: `tls.client: require`, and none was shown
  bad_client_certificate, // 403: one that does not verify
  other_client_terms, // 421: the connection was made for a site that asks for others, or for none
  auth_refused,       // forward_auth's server says no, with the status it likes
  auth_unreachable,   // 503: it does not answer
  auth_timeout,       // 503: not in time
  auth_bad_answer,    // 503: not HTTP, cut off, or larger than `max_body`
};
inline constexpr std::size_t routing_reason_count = 27;

/// A stable snake_case name for logs and metrics.
std::string_view name_of(routing_reason reason);
std::string_view name_of(routing_kind kind);

/// The decision. Pointers point into the site_table, views into it or into the request: keep both
/// while this is used. `site` is null only for bad_host, unknown_host and server_options; `policy`
/// is null exactly when `site` is.
struct routing {
  routing_kind kind = routing_kind::refuse;
  routing_reason reason = routing_reason::no_route;
  std::uint16_t status = 0; // refuse, redirect, respond
  const compiled_site* site = nullptr;
  const compiled_route* route = nullptr; // null: the site's own action
  const compiled_policy* policy = nullptr;

  std::uint32_t upstream = 0;                        // proxy: index into site_table::upstreams()
  const config::files_settings* files = nullptr;     // files
  const config::respond_settings* respond = nullptr; // respond
  std::string_view allow;                            // 405 and OPTIONS *: the Allow field's value

  /// redirect: the Location to send, an URI reference that is safe to put into a field.
  std::string_view location() const { return text; }
  /// proxy: the request target to send, in origin-form. The client's raw one unless the route
  /// rewrites it.
  std::string_view target() const { return owned ? std::string_view(text) : view; }
  /// files: the decoded path below the root: "/a/b", or "" for the root named without its slash.
  std::string_view file_path() const { return owned ? std::string_view(text) : view; }

  std::string_view view; // target or file path when `owned` is false
  std::string text;      // location, rewritten target or rewritten file path
  bool owned = false;
};

} // namespace weir::net
