// The parts of build_runtime that need nothing but the file and what it names.
#include "net/proxy/runtime_check.hpp"

#include "net/route/site_table.hpp"
#include "net/tls/client_rules.hpp"
#include "net/tls/tls_client_context.hpp"
#include "net/tls/tls_context.hpp"

namespace weir::net {

std::vector<config::diagnostic> check_runtime(const config::settings& settings, wall_time now) {
  std::vector<config::diagnostic> findings;
  const auto add = [&](config::severity level, std::string what) {
    findings.push_back({level, {}, std::move(what)});
  };
  for (auto& error : site_table::compile(settings, 0).errors)
    add(config::severity::error, std::move(error));
  const auto add_findings = [&](auto loaded) {
    for (auto& error : loaded.errors)
      add(config::severity::error, std::move(error));
    for (auto& warning : loaded.warnings)
      add(config::severity::warning, std::move(warning));
  };
  add_findings(client_rules::load(settings, now));
  if (!settings.tls.certificates.empty()) add_findings(tls_context::load(settings.tls, now));
  for (const auto& upstream : settings.upstreams) {
    if (!upstream.tls) continue;
    auto made = tls_client_context::make(*upstream.tls);
    if (!made.context)
      add(config::severity::error, "upstream " + upstream.name + ": " + made.error);
  }
  return findings;
}

} // namespace weir::net
