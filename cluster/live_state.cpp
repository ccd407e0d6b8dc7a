// Reading, giving and comparing orders.
#include "cluster/live_state.hpp"

#include "cluster/errc.hpp"
#include "cluster/meta_layout.hpp"

namespace weir::cluster {

namespace {

using kind = meta_change::kind;

result<void> take(const meta_entry& entry, live_state& out) {
  if (const auto id = meta_layout::node_of(entry.key, meta_layout::drained)) {
    auto fact = decode_fact<drained_fact>(entry.value);
    if (!fact) return fact.error();
    out.drained.emplace(*id, std::move(*fact));
    return {};
  }
  if (entry.key.starts_with(meta_layout::servers)) {
    auto fact = decode_fact<server_fact>(entry.value);
    if (!fact) return fact.error();
    if (meta_layout::server(fact->upstream, fact->server) != entry.key) return errc::out_of_range;
    live_state::server_key key{fact->upstream, fact->server};
    out.servers.emplace(std::move(key), versioned<server_fact>{std::move(*fact), entry.modified});
    return {};
  }
  if (entry.key.starts_with(meta_layout::maintenance)) {
    auto fact = decode_fact<maintenance_fact>(entry.value);
    if (!fact) return fact.error();
    if (meta_layout::site(fact->site) != entry.key) return errc::out_of_range;
    auto site = fact->site;
    out.maintenance.emplace(std::move(site), std::move(*fact));
    return {};
  }
  return errc::out_of_range;
}

/// The keys whose values differ, by `same`, or that only one side has.
template <class Map, class Same>
std::set<typename Map::key_type> differing(const Map& before, const Map& after, Same same) {
  std::set<typename Map::key_type> out;
  for (const auto& [key, value] : before) {
    const auto now = after.find(key);
    if (now == after.end() || !same(value, now->second)) out.insert(key);
  }
  for (const auto& [key, value] : after)
    if (!before.contains(key)) out.insert(key);
  return out;
}

} // namespace

result<live_state> live_state::read(const meta_snapshot& from) {
  live_state out;
  out.revision = from.revision;
  for (const auto& entry : from.entries)
    if (const auto taken = take(entry, out); !taken) return taken.error();
  return out;
}

const server_fact* live_state::find(const std::string& upstream, const std::string& server) const {
  const auto found = servers.find({upstream, server});
  return found == servers.end() ? nullptr : &found->second.fact;
}

result<meta_transaction> drain(const roster& members, const node_id& id, const stamp& made) {
  const drained_fact fact{made, {}};
  if (const auto good = check_fact(fact); !good) return good.error();
  const auto* member = members.find(id);
  if (!member || !linked_with(member->state)) return errc::unknown_member;
  return meta_transaction{{}, {{kind::put, meta_layout::drain(id), encode_fact(fact)}}};
}

meta_transaction undrain(const node_id& id) {
  return {{}, {{kind::erase, meta_layout::drain(id)}}};
}

result<meta_transaction> order_server(const live_state& seen, const server_order& wanted,
                                      const stamp& made) {
  const auto known = seen.servers.find({wanted.upstream, wanted.server});
  const bool is_new = known == seen.servers.end();
  server_fact fact;
  if (!is_new) fact = known->second.fact;
  fact.upstream = wanted.upstream;
  fact.server = wanted.server;
  fact.made = made;
  if (wanted.disabled) fact.disabled = *wanted.disabled;
  if (wanted.weight) fact.weight = wanted.weight;
  if (wanted.own_weight) fact.weight.reset();
  if (const auto good = check_fact(fact); !good) return good.error();
  const bool needed = fact.disabled || fact.weight;
  if (is_new && needed && seen.servers.size() >= live_state::servers_max) return errc::too_many;
  const auto key = meta_layout::server(fact.upstream, fact.server);
  meta_transaction out;
  out.conditions.push_back({key, is_new ? 0 : known->second.modified});
  out.changes.push_back({needed ? kind::put : kind::erase, key, needed ? encode_fact(fact) : ""});
  return out;
}

result<meta_transaction> begin_maintenance(const live_state& seen, const maintenance_fact& wanted) {
  if (const auto good = check_fact(wanted); !good) return good.error();
  if (!seen.maintenance.contains(wanted.site) && seen.maintenance.size() >= live_state::sites_max)
    return errc::too_many;
  return meta_transaction{{}, {{kind::put, meta_layout::site(wanted.site), encode_fact(wanted)}}};
}

meta_transaction end_maintenance(const std::string& site) {
  return {{}, {{kind::erase, meta_layout::site(site)}}};
}

live_changes diff(const live_state& before, const live_state& after) {
  live_changes out;
  // Who gave an order, and when, is for people to read.
  out.drained =
      differing(before.drained, after.drained, [](const auto&, const auto&) { return true; });
  out.servers = differing(before.servers, after.servers, [](const auto& a, const auto& b) {
    return a.fact.disabled == b.fact.disabled && a.fact.weight == b.fact.weight;
  });
  out.sites = differing(before.maintenance, after.maintenance,
                        [](const auto& a, const auto& b) { return a.allowed == b.allowed; });
  return out;
}

} // namespace weir::cluster
