// The JSON shapes of the admin API (docs/admin-api.md).
#pragma once

#include "net/admin/node_view.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace weir::net {

using json_value = nlohmann::ordered_json;

json_value to_json(const node_status& status);
json_value to_json(const member_status& member);
json_value to_json(const upstream_status& upstream);
json_value to_json(const cache_report& cache);
json_value to_json(const std::vector<member_status>& members);
json_value to_json(const std::vector<upstream_status>& upstreams);
json_value to_json(const limits_status& limits);
json_value to_json(const std::vector<ban_status>& bans);

/// Everything the dashboard shows: {time, status, nodes, upstreams}.
json_value snapshot_json(const node_view& node, wall_time now);

/// Text of a value; bytes that are not UTF-8 are replaced. `indent` -1: on one line.
std::string dump(const json_value& value, int indent = 2);

} // namespace weir::net
