// Lifetimes within bounds; the last good answer outlives every failure.
#include "net/upstream/watched_names.hpp"

#include <algorithm>

namespace weir::net {

namespace {

steady_time after(steady_time now, duration time) {
  return now + std::chrono::duration_cast<steady_time::duration>(time);
}

} // namespace

const watched_names::entry* watched_names::find(const watched_name& name) const {
  const auto at = std::find_if(entries_.begin(), entries_.end(),
                               [&](const entry& each) { return each.name == name; });
  return at == entries_.end() ? nullptr : &*at;
}

void watched_names::watch(std::vector<watched_name> names) {
  std::vector<entry> next;
  for (auto& name : names) {
    const auto* known = find(name);
    next.push_back(known ? *known
                         : entry{.name = std::move(name),
                                 .addresses = {},
                                 .problem = {},
                                 .ask_at = steady_time::min()});
  }
  entries_ = std::move(next);
}

std::vector<watched_name> watched_names::due(steady_time now) const {
  std::vector<watched_name> names;
  for (const auto& each : entries_)
    if (each.ask_at <= now) names.push_back(each.name);
  return names;
}

bool watched_names::any_due(steady_time now) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const entry& each) { return each.ask_at <= now; });
}

bool watched_names::take(const watched_name& name, const dns_answer& answer, steady_time now) {
  const auto at = std::find_if(entries_.begin(), entries_.end(),
                               [&](const entry& each) { return each.name == name; });
  if (at == entries_.end()) return false;
  at->problem = answer.problem;
  (answer.addresses.empty() ? failed_ : answered_).add();
  if (answer.addresses.empty()) {
    at->ask_at = after(now, name.how.min);
    return false;
  }
  at->ask_at = after(
      now, std::clamp<duration>(answer.ttl, name.how.min, std::max(name.how.min, name.how.max)));
  if (at->addresses == answer.addresses) return false;
  at->addresses = answer.addresses;
  return true;
}

const std::vector<ip_address>& watched_names::addresses_of(const watched_name& name) const {
  static const std::vector<ip_address> none;
  const auto* known = find(name);
  return known ? known->addresses : none;
}

const std::string& watched_names::problem_of(const watched_name& name) const {
  static const std::string none;
  const auto* known = find(name);
  return known ? known->problem : none;
}

std::vector<watched_name> names_of(const std::vector<config::upstream_settings>& upstreams) {
  std::vector<watched_name> names;
  for (const auto& upstream : upstreams) {
    if (!upstream.resolve.enabled) continue;
    for (const auto& server : upstream.servers) {
      if (server.address.is_unix() || ip_address::parse(server.address.host)) continue;
      watched_name name{server.address.host, upstream.resolve};
      if (std::find(names.begin(), names.end(), name) == names.end())
        names.push_back(std::move(name));
    }
  }
  return names;
}

} // namespace weir::net
