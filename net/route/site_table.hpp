// The routing table: host and path to site, route and action, compiled from the settings
// (interface: docs/routing.md).
#pragma once

#include "config/settings.hpp"
#include "net/route/host_index.hpp"
#include "net/route/match_rules.hpp"
#include "net/route/path_index.hpp"
#include "net/route/policy.hpp"
#include "net/route/routing.hpp"
#include "net/route/uri_template.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::net {

struct proxy_action {
  std::uint32_t upstream = 0; // index into site_table::upstreams()
};
struct redirect_action {
  uri_template to;
  std::uint16_t code = 308;
};
/// monostate: nothing of its own.
using compiled_action = std::variant<std::monostate, proxy_action, config::files_settings,
                                     redirect_action, config::respond_settings>;

struct compiled_route {
  config::path_kind kind = config::path_kind::prefix;
  std::string path; // as written: the label in logs and metrics
  std::int32_t priority = 0;
  match_rules match;
  std::optional<uri_template> rewrite;
  std::string strip_prefix; // without a trailing slash
  compiled_policy policy;
  compiled_action action;
};

enum class plain_http : std::uint8_t { serve, redirect, refuse };

struct compiled_site {
  std::string name; // its first host: the label in logs and metrics
  std::string canonical;
  plain_http plain = plain_http::serve;
  compiled_policy policy;
  compiled_action action;
  std::vector<compiled_route> routes; // in the file's order
  path_index paths;
};

class site_table;

/// The table, or sentences that say what is wrong with the settings, all of them.
struct compile_result {
  std::shared_ptr<const site_table> table; // null when there are errors
  std::vector<std::string> errors;
};

/// All sites of one configuration. Immutable: every shard calls the same one, without locks. Copies
/// what it needs of the settings. A plain route costs no allocation.
class site_table {
public:
  /// `https_port` is where redirects to https lead; 0: the first https listener's port.
  static compile_result compile(const config::settings& settings, std::uint16_t https_port = 0);

  routing route(const routing_input& input) const;

  /// Names by the index in `routing::upstream`: the settings' upstreams in their order, then the
  /// apps not among them.
  const std::vector<std::string>& upstreams() const { return upstreams_; }
  const std::vector<compiled_site>& sites() const { return sites_; }
  const host_index& hosts() const { return hosts_; }
  /// Some site asks its clients for certificates.
  bool asks_clients() const { return asks_clients_; }

private:
  friend class site_compiler;
  site_table() = default;

  routing decide(const routing_input& input, std::string_view host,
                 const compiled_site& site) const;
  routing not_found(routing out, const routing_input& input, std::string_view host) const;

  std::vector<compiled_site> sites_;
  host_index hosts_;
  std::vector<std::string> upstreams_;
  std::uint16_t https_port_ = 443;
  bool asks_clients_ = false;
};

} // namespace weir::net
