// Settings to runtime_config, keeping what did not change.
#include "net/proxy/runtime_build.hpp"

#include "net/io/resolve.hpp"

#include <algorithm>

namespace weir::net {

namespace {

bool same_targets(const std::vector<server_target>& a, const std::vector<server_target>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.address.text() == y.address.text() && x.host == y.host;
  });
}

class builder {
public:
  builder(config::snapshot_ptr snapshot, const std::vector<config::upstream_settings>& apps,
          std::uint16_t https_port, const runtime_config* previous, wall_time now)
      : snapshot_(std::move(snapshot)), apps_(apps), https_port_(https_port), previous_(previous),
        now_(now) {}

  runtime_build build() {
    auto made = std::make_shared<runtime_config>();
    made->snapshot = snapshot_;
    auto compiled = site_table::compile(snapshot_->values, https_port_);
    errors_ = std::move(compiled.errors);
    made->sites = std::move(compiled.table);
    load_certificates(*made);
    if (made->sites) {
      for (const auto& name : made->sites->upstreams())
        made->upstreams.push_back(upstream(settings_of(name)));
    }
    if (!errors_.empty()) return {nullptr, std::move(errors_), {}};
    return {std::move(made), {}, std::move(warnings_)};
  }

private:
  void load_certificates(runtime_config& into) {
    const auto& values = snapshot_->values;
    if (values.tls.certificates.empty()) return;
    auto loaded = tls_context::load(values.tls, now_, previous_ ? previous_->tls.get() : nullptr);
    into.tls = std::move(loaded.context);
    std::move(loaded.errors.begin(), loaded.errors.end(), std::back_inserter(errors_));
    warnings_ = std::move(loaded.warnings);
  }

  const config::upstream_settings& settings_of(const std::string& name) const {
    const auto named = [&](const auto& each) { return each.name == name; };
    const auto& ours = snapshot_->values.upstreams;
    const auto at = std::find_if(ours.begin(), ours.end(), named);
    return at != ours.end() ? *at : *std::find_if(apps_.begin(), apps_.end(), named);
  }

  std::shared_ptr<const runtime_upstream> old(const std::string& name) const {
    if (previous_ == nullptr) return nullptr;
    for (const auto& each : previous_->upstreams)
      if (each->settings.name == name) return each;
    return nullptr;
  }

  std::shared_ptr<const runtime_upstream> upstream(const config::upstream_settings& settings) {
    const auto before = old(settings.name);
    auto targets = resolve_all(settings);
    if (before && before->settings == settings && same_targets(before->targets, targets))
      return before;
    auto made = std::make_shared<runtime_upstream>();
    made->settings = settings;
    made->targets = std::move(targets);
    made->servers = server_table::create(settings, before ? before->servers.get() : nullptr);
    if (settings.tls) {
      auto loaded = tls_client_context::make(*settings.tls);
      made->tls = std::move(loaded.context);
      if (!made->tls) errors_.push_back("upstream " + settings.name + ": " + loaded.error);
    }
    return made;
  }

  std::vector<server_target> resolve_all(const config::upstream_settings& settings) {
    std::vector<server_target> targets;
    for (const auto& server : settings.servers) {
      auto& target = targets.emplace_back();
      target.name = server.address.text();
      target.host = server.address.host;
      const auto found = resolve(server.address);
      if (found)
        target.address = *found;
      else
        errors_.push_back("upstream " + settings.name + ": " + server.address.text() + ": " +
                          found.error().message());
    }
    return targets;
  }

  config::snapshot_ptr snapshot_;
  const std::vector<config::upstream_settings>& apps_;
  std::uint16_t https_port_;
  const runtime_config* previous_;
  wall_time now_;
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
};

} // namespace

runtime_build build_runtime(config::snapshot_ptr snapshot,
                            const std::vector<config::upstream_settings>& app_upstreams,
                            std::uint16_t https_port, const runtime_config* previous,
                            wall_time now) {
  return builder(std::move(snapshot), app_upstreams, https_port, previous, now).build();
}

} // namespace weir::net
