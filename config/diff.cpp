// What changed between two settings, block by block.
#include "config/diff.hpp"

#include <map>
#include <string_view>

namespace weir::config {
namespace {

std::string name_of(const upstream_settings& upstream) {
  return upstream.name;
}
std::string name_of(const app_settings& app) {
  return app.name;
}
std::string name_of(const site_settings& site) {
  return site.name();
}

template <class Block>
name_changes compare_named(const std::vector<Block>& before, const std::vector<Block>& after) {
  std::map<std::string, const Block*> old;
  for (const auto& block : before)
    old.emplace(name_of(block), &block);
  name_changes changes;
  for (const auto& block : after) {
    const auto known = old.extract(name_of(block));
    if (known.empty())
      changes.added.push_back(name_of(block));
    else if (*known.mapped() != block)
      changes.changed.push_back(name_of(block));
  }
  for (const auto& block : before)
    if (old.contains(name_of(block))) changes.removed.push_back(name_of(block));
  return changes;
}

/// Whether the sites that both have stand in another order.
bool reordered(const settings& before, const settings& after) {
  if (before.sites.size() != after.sites.size()) return false;
  for (std::size_t i = 0; i < before.sites.size(); ++i)
    if (before.sites[i].name() != after.sites[i].name()) return true;
  return false;
}

void append(std::string& text, std::string_view part) {
  text.append(text.empty() ? "" : "; ").append(part);
}

void append(std::string& text, std::string_view what, const name_changes& changes) {
  if (changes.empty()) return;
  append(text, what);
  text += ':';
  for (const auto& name : changes.added)
    text.append(" +").append(name);
  for (const auto& name : changes.changed)
    text.append(" ~").append(name);
  for (const auto& name : changes.removed)
    text.append(" -").append(name);
}

} // namespace

settings_changes compare(const settings& before, const settings& after) {
  settings_changes out;
  out.listeners =
      before.listen.http != after.listen.http || before.listen.https != after.listen.https;
  out.trusted_proxies = before.listen.trusted_proxies != after.listen.trusted_proxies;
  out.limits = before.limits != after.limits;
  out.tracing = before.tracing != after.tracing;
  out.tls = before.tls != after.tls;
  out.bans = before.bans != after.bans;
  out.upstreams = compare_named(before.upstreams, after.upstreams);
  out.apps = compare_named(before.apps, after.apps);
  out.sites = compare_named(before.sites, after.sites);
  out.site_order = reordered(before, after);
  const auto fixed = [&](const char* name, bool same) {
    if (!same) out.needs_restart.emplace_back(name);
  };
  fixed("limits.rate_limit_memory",
        before.limits.rate_limit_memory == after.limits.rate_limit_memory);
  fixed("cluster", before.cluster == after.cluster);
  fixed("shards", before.shards == after.shards);
  fixed("user", before.user == after.user);
  fixed("group", before.group == after.group);
  fixed("admin", before.admin == after.admin);
  fixed("log", before.log == after.log);
  return out;
}

std::string settings_changes::text() const {
  std::string out;
  append(out, "upstreams", upstreams);
  append(out, "apps", apps);
  append(out, "sites", sites);
  for (const auto& [changed, name] :
       {std::pair(site_order, "order of sites"), std::pair(listeners, "listeners"),
        std::pair(trusted_proxies, "trusted proxies"), std::pair(limits, "limits"),
        std::pair(tracing, "tracing"), std::pair(tls, "tls"), std::pair(bans, "bans")})
    if (changed) append(out, name);
  for (const auto& name : needs_restart)
    append(out, name + " (after a restart)");
  return out;
}

} // namespace weir::config
