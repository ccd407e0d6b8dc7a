// Operators' standing orders for the whole cluster: drained nodes, servers out of turn, sites under
// maintenance. They outlast restarts, and versions of the configuration.
#pragma once

#include "base/meta_store.hpp"
#include "cluster/facts.hpp"
#include "cluster/roster.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weir::cluster {

/// Everything below meta_layout::live at one revision. An order for something that the
/// configuration does not have does nothing, until it has.
struct live_state {
  static constexpr std::size_t servers_max = 1024;
  static constexpr std::size_t sites_max = 256;

  using server_key = std::pair<std::string, std::string>; // upstream, server

  std::uint64_t revision = 0;
  std::map<node_id, drained_fact> drained;
  std::map<server_key, versioned<server_fact>> servers;
  std::map<std::string, maintenance_fact> maintenance; // by site

  /// Errors: those of decode_fact; out_of_range for a key that is none of ours or names something
  /// else than its value.
  static result<live_state> read(const meta_snapshot& from);

  bool is_drained(const node_id& id) const { return drained.contains(id); }
  const server_fact* find(const std::string& upstream, const std::string& server) const;
};

/// What an operator wants of one server; what is not said stays as it is.
struct server_order {
  std::string upstream;
  std::string server;
  std::optional<bool> disabled;
  std::optional<std::uint32_t> weight; // instead of the configuration's
  bool own_weight = false;             // the configuration's again
};

/// An order replaces what was ordered before, whoever did it; all may be sent twice.

/// Errors: out_of_range, unknown_member.
result<meta_transaction> drain(const roster& members, const node_id& id, const stamp& made);
meta_transaction undrain(const node_id& id);

/// Not applied when somebody else gave an order for the server since `seen`: read again and repeat.
/// Errors: out_of_range, too_many.
result<meta_transaction> order_server(const live_state& seen, const server_order& wanted,
                                      const stamp& made);

/// Errors: out_of_range, too_many.
result<meta_transaction> begin_maintenance(const live_state& seen, const maintenance_fact& wanted);
meta_transaction end_maintenance(const std::string& site);

/// What differs in effect between two states: the node touches this and nothing else.
struct live_changes {
  std::set<node_id> drained; // or no longer
  std::set<live_state::server_key> servers;
  std::set<std::string> sites;
  bool empty() const { return drained.empty() && servers.empty() && sites.empty(); }
};
live_changes diff(const live_state& before, const live_state& after);

} // namespace weir::cluster
