// Turns the settings' sites into a site_table, or into sentences that say why not.
#pragma once

#include "net/access/auth_rule.hpp"
#include "net/access/login_rule.hpp"
#include "net/route/site_table.hpp"

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace weir::net {

/// Compiles one configuration, once: construct, `run()`, throw away. Goes on after an error, so
/// that all are reported.
class site_compiler {
public:
  site_compiler(const config::settings& settings, std::uint16_t https_port);
  compile_result run();

private:
  void compile_site(const config::site_settings& settings);
  void add_hosts(const config::site_settings& settings, std::uint32_t site);
  compiled_route compile_route(const config::site_settings& site,
                               const config::route_settings& route);
  void index_routes(const config::site_settings& settings, compiled_site& site);
  compiled_action compile_action(const config::action_settings& action, const route_regex* regex);
  std::optional<uri_template> compile_template(const std::string& text, template_use use,
                                               const route_regex* regex, const char* key);
  /// Of a route, or of the site itself (null). A file is read once, however many name it.
  std::shared_ptr<const login_rule> compile_login(const config::site_settings& site,
                                                  const config::route_settings* route);
  std::shared_ptr<const auth_rule> compile_auth(const config::site_settings& site,
                                                const config::route_settings* route);
  /// What of a policy needs more than its own settings.
  void complete(compiled_policy& policy, const config::site_settings& site,
                const config::route_settings* route);
  void complain(const std::string& what) { errors_.push_back(where_ + ": " + what); }

  const config::settings& settings_;
  std::shared_ptr<site_table> table_;
  std::unordered_map<std::string, std::uint32_t> upstream_index_;
  std::map<std::string, user_file::parsed> user_files_;
  std::vector<std::optional<route_regex>> regexes_; // of the site being compiled, by route
  std::string where_;                               // what is being compiled, as errors name it
  std::vector<std::string> errors_;
};

} // namespace weir::net
