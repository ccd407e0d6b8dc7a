// What a site or route demands of a request and adds to both messages, merged and compiled once per
// configuration.
#pragma once

#include "config/settings.hpp"
#include "net/cache/cache_policy.hpp"
#include "net/http/message.hpp"
#include "net/limit/request_limit.hpp"
#include "net/route/error_pages.hpp"
#include "net/route/method_set.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

class cors_policy; // net/access/cors_policy.hpp
struct auth_rule;  // net/access/auth_rule.hpp
struct login_rule; // net/access/login_rule.hpp

/// Whether one of the networks has the address.
bool contains(const std::vector<config::cidr>& networks, const std::array<std::uint8_t, 16>& ip);

/// A field that an answer gets if it has none of that name.
struct preset_field {
  std::string name; // lower-case
  std::string line; // with CRLF
};

/// Changes to the fields of one message: drop what `drops()` says, then append `lines`, and before
/// them the `presets` whose names were not there.
struct field_changes {
  std::string lines;                // "Name: value\r\n"...
  std::vector<std::string> dropped; // names, lower-case: removed ones and replaced ones
  std::uint64_t lengths = 0; // a bit per name length in `dropped`, so that most names cost one test
  std::vector<preset_field> presets = {}; // of answers
  bool drops_forwarding = false; // one of `dropped` is ours to write (X-Forwarded-*, Forwarded)
  bool drops(std::string_view name) const;
};

/// Files that an origin may name in its answer instead of sending them.
struct send_files_rule {
  config::files_settings files;
  std::string prefix; // of X-Accel-Redirect, with a slash at its end; empty: X-Sendfile only
};

/// Site and route merged. Route over site: `methods`, a non-empty `allow`, `cache_control`,
/// `compress`, `cache` and `limits` replace the site's; `deny` adds to the site's; a field rule
/// replaces the site's rule of that name; rate limits add up, and `off` on the route lifts the
/// site's.
struct compiled_policy {
  method_set methods;
  std::vector<config::cidr> deny;
  std::vector<config::cidr> allow;
  field_changes request;  // towards the origin
  field_changes response; // towards the client, for every answer of the site, our own included
  std::string
      hsts; // the Strict-Transport-Security line with CRLF, for secure requests only; may be empty
  std::string cache_control;               // value for `files`; may be empty
  std::shared_ptr<const cors_policy> cors; // null: off
  std::shared_ptr<const login_rule> login; // null: everyone may
  std::shared_ptr<const auth_rule> auth;   // null: nobody is asked
  config::client_mode client = config::client_mode::off;
  std::uint8_t client_fields = 0; // which of client_field_names tell the origin
  /// Somebody or something is asked before a request may pass: a quick test for the usual case.
  bool guarded = false;
  bool shows_request_id = false; // X-Request-Id goes to the client
  config::limit_settings limits;
  std::shared_ptr<const config::compress_settings> compress; // null: answers go as they are
  std::shared_ptr<const error_page_set> error_pages;         // null: our own
  std::shared_ptr<const send_files_rule> send_files;         // null: off
  std::vector<request_limit> rate_limits; // the site's, then the route's own; not merged here
  /// Null: nothing of the site is cached. Not enabled: something else of it is.
  std::shared_ptr<const cache_policy> cache;
};

/// Merges and compiles; appends a sentence beginning with `where` to `errors` for each rule that
/// cannot be obeyed.
compiled_policy compile_policy(const config::settings& all, const config::site_settings& site,
                               const config::policy_settings* route, const std::string& where,
                               std::vector<std::string>& errors);

} // namespace weir::net
