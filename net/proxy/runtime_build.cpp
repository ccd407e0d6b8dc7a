// Settings to runtime_config, keeping what did not change.
#include "net/proxy/runtime_build.hpp"

#include "net/io/resolve.hpp"
#include "net/tls/client_rules.hpp"

#include <algorithm>

namespace weir::net {

namespace {

request_key key_of(const config::upstream_settings& settings) {
  if (settings.balance == config::balance_policy::ip_hash)
    return request_key({{config::key_source::ip, {}}});
  return request_key(config::parse_key_template(settings.hash_key).parts);
}

/// Servers that were taken out keep their indices; with more of them than this the pools are made
/// anew.
constexpr std::size_t gone_max = 256;

bool same_places(const server_table& table, const std::vector<server_place>& places) {
  std::size_t there = 0;
  for (server_index i = 0; i < table.size(); ++i)
    there += !table.gone(i);
  const auto has = [&](const server_place& place) {
    for (server_index i = 0; i < table.size(); ++i)
      if (!table.gone(i) && table.address(i) == place.settings.address &&
          table.host(i) == place.host)
        return true;
    return false;
  };
  return there == places.size() && std::all_of(places.begin(), places.end(), has);
}

class builder {
public:
  explicit builder(const build_inputs& inputs) : in_(inputs) {}

  runtime_build build() {
    auto made = std::make_shared<runtime_config>();
    made->snapshot = in_.snapshot;
    auto compiled = site_table::compile(in_.snapshot->values, in_.https_port);
    errors_ = std::move(compiled.errors);
    made->sites = std::move(compiled.table);
    load_certificates(*made);
    if (made->sites) {
      for (const auto& name : made->sites->upstreams())
        made->upstreams.push_back(upstream(settings_of(name)));
    }
    made->sends_proxy_header =
        std::any_of(made->upstreams.begin(), made->upstreams.end(), [](const auto& each) {
          return each->settings.proxy_protocol != config::proxy_protocol_mode::off;
        });
    if (!errors_.empty()) return {nullptr, std::move(errors_), {}};
    return {std::move(made), {}, std::move(warnings_)};
  }

private:
  void load_certificates(runtime_config& into) {
    const auto& values = in_.snapshot->values;
    if (values.tls.certificates.empty()) return;
    auto clients = client_rules::load(values, in_.clock.wall());
    auto loaded =
        tls_context::load(values.tls, in_.clock.wall(),
                          in_.previous ? in_.previous->tls.get() : nullptr, clients.rules);
    into.tls = std::move(loaded.context);
    take_findings(clients);
    take_findings(loaded);
  }

  void take_findings(auto& loaded) {
    std::move(loaded.errors.begin(), loaded.errors.end(), std::back_inserter(errors_));
    std::move(loaded.warnings.begin(), loaded.warnings.end(), std::back_inserter(warnings_));
  }

  const config::upstream_settings& settings_of(const std::string& name) const {
    const auto named = [&](const auto& each) { return each.name == name; };
    const auto& ours = in_.snapshot->values.upstreams;
    const auto at = std::find_if(ours.begin(), ours.end(), named);
    return at != ours.end()
               ? *at
               : *std::find_if(in_.app_upstreams.begin(), in_.app_upstreams.end(), named);
  }

  std::shared_ptr<const runtime_upstream> old(const std::string& name) const {
    if (in_.previous == nullptr) return nullptr;
    for (const auto& each : in_.previous->upstreams)
      if (each->settings.name == name) return each;
    return nullptr;
  }

  std::shared_ptr<const runtime_upstream> upstream(const config::upstream_settings& settings) {
    const auto before = old(settings.name);
    const auto places = places_of(settings);
    const bool equal = before && before->settings == settings;
    if (equal && same_places(*before->servers, places)) return before;
    auto made = std::make_shared<runtime_upstream>();
    made->settings = settings;
    if (places.empty()) return made; // there is an error
    const auto now = in_.clock.steady();
    if (equal && before->servers->size() < places.size() + gone_max) {
      made->line = before->line;
      made->servers = server_table::follow(settings, places, *before->servers, now);
    } else {
      made->line = std::make_shared<const char>();
      made->servers =
          server_table::create(settings, places, before ? before->servers.get() : nullptr, now);
    }
    for (server_index i = 0; i < made->servers->size(); ++i)
      made->targets.push_back(target_of(*made->servers, i));
    made->key = key_of(settings);
    if (settings.sticky && in_.secret.empty())
      errors_.push_back("upstream " + settings.name + ": sticky needs a secret, and there is none");
    else if (settings.sticky)
      made->sticky = std::make_unique<sticky_cookies>(*settings.sticky, *made->servers, in_.secret);
    if (settings.tls) {
      auto loaded = tls_client_context::make(*settings.tls);
      made->tls = std::move(loaded.context);
      if (!made->tls) errors_.push_back("upstream " + settings.name + ": " + loaded.error);
    }
    return made;
  }

  void fail(const config::upstream_settings& settings, const config::server_settings& server,
            const std::string& problem) {
    errors_.push_back("upstream " + settings.name + ": " + server.address.text() + ": " + problem);
  }

  /// Each address of each server, once.
  std::vector<server_place> places_of(const config::upstream_settings& settings) {
    std::vector<server_place> places;
    for (const auto& server : settings.servers) {
      for (auto& address : addresses_of(settings, server)) {
        server_place place{server, server.address.host};
        place.settings.address = std::move(address);
        const auto same = [&](const server_place& other) {
          return other.settings.address == place.settings.address;
        };
        if (std::none_of(places.begin(), places.end(), same)) places.push_back(std::move(place));
      }
    }
    return places;
  }

  std::vector<config::endpoint_address> addresses_of(const config::upstream_settings& settings,
                                                     const config::server_settings& server) {
    const auto& address = server.address;
    if (address.is_unix() || ip_address::parse(address.host)) return {address};
    if (!settings.resolve.enabled || in_.names == nullptr) return resolved_once(settings, server);
    const watched_name name{address.host, settings.resolve};
    std::vector<config::endpoint_address> found;
    for (const auto& each : in_.names->addresses_of(name))
      found.push_back({.host = each.text(), .port = address.port, .unix_path = {}});
    if (found.empty()) fail(settings, server, in_.names->problem_of(name));
    return found;
  }

  /// By the system's resolver, whatever it asks; its first address only.
  std::vector<config::endpoint_address> resolved_once(const config::upstream_settings& settings,
                                                      const config::server_settings& server) {
    const auto found = resolve(server.address);
    if (!found) {
      fail(settings, server, found.error().message());
      return {};
    }
    return {{.host = found->ip()->text(), .port = server.address.port, .unix_path = {}}};
  }

  server_target target_of(const server_table& servers, server_index server) {
    server_target target;
    target.name = servers.address(server).text();
    target.host = servers.host(server);
    if (const auto found = socket_address::from(servers.address(server)))
      target.address = *found;
    else
      errors_.push_back("upstream " + servers.name() + ": " + target.name + ": " +
                        found.error().message());
    return target;
  }

  const build_inputs& in_;
  std::vector<std::string> errors_;
  std::vector<std::string> warnings_;
};

} // namespace

runtime_build build_runtime(const build_inputs& inputs) {
  return builder(inputs).build();
}

} // namespace weir::net
