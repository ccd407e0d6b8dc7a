// From a file to a configuration in force.
#include "actors/config_keeper.hpp"

#include "base/log.hpp"
#include "config/diff.hpp"
#include "net/proxy/name_refresh.hpp"

#include <filesystem>

namespace weir::actors {

namespace {

/// How often the names' lifetimes are looked at; short, since a pending message delays the end.
constexpr auto names_look = std::chrono::milliseconds(500);

std::vector<std::string> lines_of(const config::load_result& loaded) {
  std::vector<std::string> lines;
  for (const auto& finding : loaded.findings)
    lines.push_back(finding.text(loaded.file));
  return lines;
}

/// What a refused file named is not watched any more, what is in force is.
void watch_current(const config_keeper_state& state) {
  if (state.options.names)
    state.options.names->watch(net::names_of(state.current->snapshot->values.upstreams));
}

reload_outcome reload(config_keeper_state& state) {
  const auto before = state.current->snapshot;
  auto next = load_config(state.options, before->version + 1, state.current.get());
  if (!next.config) {
    watch_current(state);
    return {reload_outcome::kind::rejected, "the configuration is not valid: nothing changed",
            std::move(next.diagnostics), before->version};
  }
  const auto& values = next.config->snapshot->values;
  const auto changes = config::compare(before->values, values);
  if (const auto failed = state.options.plane->listen(state.options.bind(values))) {
    watch_current(state);
    return {reload_outcome::kind::failed,
            "cannot listen on " + failed.address + ": " + failed.code.message(),
            std::move(next.diagnostics), before->version};
  }
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

/// Plans are for files beside the one in force: what they name by relative paths is there too, and
/// nobody can have other files of the machine read to him.
bool is_beside(const std::string& file, const std::string& own) {
  std::error_code failed;
  const auto folder = [&](const std::string& of) {
    return std::filesystem::weakly_canonical(of, failed).parent_path();
  };
  return folder(file) == folder(own) && !failed;
}

net::runtime_build build(const config_keeper_options& options, const config::snapshot_ptr& snapshot,
                         const net::runtime_config* previous) {
  const auto bound = options.bind(snapshot->values);
  const auto apps = options.app_upstreams(snapshot->values);
  return net::build_runtime(
      {.snapshot = snapshot,
       .app_upstreams = apps,
       .clock = *options.clock,
       .https_port = bound.https.empty() ? std::uint16_t{0} : bound.https.front().port,
       .previous = previous,
       .names = options.names.get(),
       .secret = options.secret});
}

/// The same configuration with the addresses of now, if they are others.
void look_at_names(config_keeper_state& state) {
  const auto& options = state.options;
  if (!options.names->any_due(options.clock->steady())) return;
  if (!net::refresh_names(*options.names, *options.clock)) return;
  auto next = build(options, state.current->snapshot, state.current.get());
  for (const auto& error : next.errors)
    log::event("addresses_unusable", {{"error", error}}, log::level::warning);
  if (!next.config) return;
  state.current = std::move(next.config);
  options.plane->install(state.current);
  options.installed(state.current);
}

} // namespace

loaded_config load_config(const config_keeper_options& options, std::uint64_t version,
                          const net::runtime_config* previous) {
  const auto loaded = config::load_snapshot(options.file, version);
  auto diagnostics = lines_of(loaded);
  if (!loaded) return {nullptr, std::move(diagnostics)};
  if (options.names) {
    options.names->watch(net::names_of(loaded.snapshot->values.upstreams));
    net::refresh_names(*options.names, *options.clock);
  }
  auto built = build(options, loaded.snapshot, previous);
  for (auto& error : built.errors)
    diagnostics.push_back(options.file + ": error: " + error);
  for (auto& warning : built.warnings)
    diagnostics.push_back(options.file + ": warning: " + warning);
  return {std::move(built.config), std::move(diagnostics)};
}

namespace {

reload_outcome plan(const config_keeper_state& state, const std::string& file) {
  const auto& in_force = *state.current->snapshot;
  if (!file.empty() && !is_beside(file, state.options.file))
    return {reload_outcome::kind::rejected,
            "the file must lie in the folder of " + state.options.file,
            {},
            in_force.version};
  auto options = state.options;
  if (!file.empty()) options.file = file;
  // Nothing is taken over from what runs: it could not be without touching it.
  auto next = load_config(options, in_force.version + 1, nullptr);
  watch_current(state);
  if (!next.config)
    return {reload_outcome::kind::rejected, "the configuration is not valid",
            std::move(next.diagnostics), in_force.version};
  const auto changes = config::compare(in_force.values, next.config->snapshot->values);
  return {reload_outcome::kind::done, changes.empty() ? "nothing would change" : changes.text(),
          std::move(next.diagnostics), in_force.version};
}

} // namespace

config_keeper_actor::behavior_type
config_keeper(config_keeper_actor::stateful_pointer<config_keeper_state> self,
              config_keeper_options options, runtime_config_ptr first) {
  self->state.options = std::move(options);
  self->state.current = std::move(first);
  if (self->state.options.names) self->delayed_send(self, names_look, names_atom::value);
  return {[self](reload_atom, const reload_handler& done) {
            const auto outcome = reload(self->state);
            if (outcome.how != reload_outcome::kind::done)
              log::event("reload_refused", {{"reason", outcome.detail}}, log::level::warning);
            for (const auto& line : outcome.diagnostics)
              log::event("config_finding", {{"text", line}}, log::level::warning);
            if (done) (*done)(outcome);
          },
          [self](plan_atom, const std::string& file, const reload_handler& done) {
            (*done)(plan(self->state, file));
          },
          [self](names_atom) {
            look_at_names(self->state);
            self->delayed_send(self, names_look, names_atom::value);
          }};
}

} // namespace weir::actors
