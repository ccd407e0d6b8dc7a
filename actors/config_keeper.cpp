// From a file to a configuration in force.
#include "actors/config_keeper.hpp"

#include "base/log.hpp"
#include "config/diff.hpp"

namespace weir::actors {

namespace {

std::vector<std::string> lines_of(const config::load_result& loaded) {
  std::vector<std::string> lines;
  for (const auto& finding : loaded.findings)
    lines.push_back(finding.text(loaded.file));
  return lines;
}

reload_outcome reload(config_keeper_state& state) {
  const auto before = state.current->snapshot;
  auto next = load_config(state.options, before->version + 1, state.current.get());
  if (!next.config)
    return {reload_outcome::kind::rejected, "the configuration is not valid: nothing changed",
            std::move(next.diagnostics), before->version};
  const auto& values = next.config->snapshot->values;
  const auto changes = config::compare(before->values, values);
  if (const auto failed = state.options.plane->listen(state.options.bind(values)))
    return {reload_outcome::kind::failed,
            "cannot listen on " + failed.address + ": " + failed.code.message(),
            std::move(next.diagnostics), before->version};
  state.current = std::move(next.config);
  state.options.plane->install(state.current);
  state.options.installed(state.current);
  std::string detail = changes.empty() ? "nothing changed" : changes.text();
  log::event("config_installed", {{"version", state.current->snapshot->version},
                                  {"digest", state.current->snapshot->digest},
                                  {"changes", detail}});
  return {reload_outcome::kind::done, std::move(detail), std::move(next.diagnostics),
          state.current->snapshot->version};
}

} // namespace

loaded_config load_config(const config_keeper_options& options, std::uint64_t version,
                          const net::runtime_config* previous) {
  const auto loaded = config::load_snapshot(options.file, version);
  auto diagnostics = lines_of(loaded);
  if (!loaded) return {nullptr, std::move(diagnostics)};
  const auto bound = options.bind(loaded.snapshot->values);
  const std::uint16_t https_port = bound.https.empty() ? 0 : bound.https.front().port;
  auto built = net::build_runtime(loaded.snapshot, options.app_upstreams(loaded.snapshot->values),
                                  https_port, previous, options.clock->wall());
  for (auto& error : built.errors)
    diagnostics.push_back(options.file + ": error: " + error);
  for (auto& warning : built.warnings)
    diagnostics.push_back(options.file + ": warning: " + warning);
  return {std::move(built.config), std::move(diagnostics)};
}

config_keeper_actor::behavior_type
config_keeper(config_keeper_actor::stateful_pointer<config_keeper_state> self,
              config_keeper_options options, runtime_config_ptr first) {
  self->state.options = std::move(options);
  self->state.current = std::move(first);
  return {[self](reload_atom, const reload_handler& done) {
    const auto outcome = reload(self->state);
    if (outcome.how != reload_outcome::kind::done)
      log::event("reload_refused", {{"reason", outcome.detail}}, log::level::warning);
    for (const auto& line : outcome.diagnostics)
      log::event("config_finding", {{"text", line}}, log::level::warning);
    if (done) (*done)(outcome);
  }};
}

} // namespace weir::actors
