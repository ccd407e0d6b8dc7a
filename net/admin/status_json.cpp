// From the values of node_view.hpp to JSON.
#include "net/admin/status_json.hpp"

namespace weir::net {
namespace {

double seconds(duration value) {
  return std::chrono::duration<double>(value).count();
}

double unix_seconds(wall_time when) {
  return seconds(when.time_since_epoch());
}

template <class T>
json_value or_null(const std::optional<T>& value) {
  if (!value) return nullptr;
  if constexpr (std::is_same_v<T, duration>)
    return seconds(*value);
  else
    return *value;
}

template <class T>
json_value list_of(const std::vector<T>& values) {
  auto out = json_value::array();
  for (const auto& one : values)
    out.push_back(to_json(one));
  return out;
}

json_value to_json(const server_status& server) {
  std::uint64_t ejections = 0;
  json_value by_reason = json_value::object();
  for (const auto& [reason, count] : server.ejections_total) {
    ejections += count;
    by_reason[reason] = count;
  }
  return {{"address", server.address},
          {"health", server.health},
          {"reason", server.reason},
          {"ejected", server.ejected},
          {"backup", server.backup},
          {"gone", server.gone},
          {"warming", server.warming},
          {"weight", server.weight},
          {"in_flight", server.in_flight},
          {"requests_total", server.requests_total},
          {"failures_total", server.failures_total},
          {"ejections_total", ejections},
          {"ejections_by_reason", std::move(by_reason)},
          {"checks_passed_total", server.checks_passed_total},
          {"checks_failed_total", server.checks_failed_total}};
}

} // namespace

json_value to_json(const node_status& status) {
  auto listeners = json_value::array();
  for (const auto& one : status.listeners)
    listeners.push_back({{"protocol", one.protocol}, {"address", one.address}});
  json_value responses = json_value::object();
  for (std::size_t i = 1; i < status.responses_total.size(); ++i)
    responses[std::to_string(i) + "xx"] = status.responses_total[i];
  responses["none"] = status.responses_total[0];
  return {{"node", status.node},
          {"node_id", status.node_id},
          {"cluster", status.cluster},
          {"version", status.version},
          {"state", to_string(status.state)},
          {"pid", status.pid},
          {"shards", status.shards},
          {"started", unix_seconds(status.started)},
          {"uptime_seconds", seconds(status.uptime)},
          {"config", {{"version", status.config_version}, {"digest", status.config_digest}}},
          {"listeners", std::move(listeners)},
          {"requests_per_second", status.requests_per_second},
          {"requests_total", status.requests_total},
          {"responses_total", std::move(responses)},
          {"bytes_in_total", status.bytes_in_total},
          {"bytes_out_total", status.bytes_out_total},
          {"requests_in_flight", status.requests_in_flight},
          {"connections", status.connections}};
}

json_value to_json(const member_status& member) {
  return {{"name", member.name},
          {"node_id", member.node_id},
          {"address", member.address},
          {"state", member.state},
          {"self", member.self},
          {"linked", member.linked},
          {"version", member.version},
          {"config", {{"version", member.config_version}, {"digest", member.config_digest}}},
          {"requests_per_second", or_null(member.requests_per_second)},
          {"uptime_seconds", seconds(member.uptime)},
          {"last_heard_seconds", or_null(member.last_heard)},
          {"rtt_seconds", or_null(member.rtt)}};
}

json_value to_json(const upstream_status& upstream) {
  auto servers = json_value::array();
  for (const auto& one : upstream.servers)
    servers.push_back(to_json(one));
  auto open = json_value::array();
  for (const auto& [limit, reached] : upstream.circuits)
    if (reached) open.push_back(limit);
  return {{"name", upstream.name},
          {"balance", upstream.balance},
          {"app", upstream.app},
          {"queue_length", upstream.queue_length},
          {"requests_total", upstream.requests_total},
          {"retries_total", upstream.retries_total},
          {"circuits_open", std::move(open)},
          {"servers", std::move(servers)}};
}

json_value to_json(const cache_report& cache) {
  auto requests = json_value::object();
  for (const auto& [status, count] : cache.requests_total)
    requests[status] = count;
  return {{"memory", {{"bytes", cache.memory_bytes}, {"objects", cache.memory_objects}}},
          {"disk", {{"bytes", cache.disk_bytes}, {"objects", cache.disk_objects}}},
          {"fetches", cache.fetches},
          {"requests_total", std::move(requests)}};
}

json_value to_json(const std::vector<member_status>& members) {
  return list_of(members);
}

json_value to_json(const std::vector<upstream_status>& upstreams) {
  return list_of(upstreams);
}

json_value to_json(const limits_status& limits) {
  auto rules = json_value::array();
  for (const auto& one : limits.limits)
    rules.push_back({{"name", one.name},
                     {"key", one.key},
                     {"rate", one.rate.empty() ? json_value(nullptr) : json_value(one.rate)},
                     {"burst", one.burst},
                     {"concurrency", one.concurrency},
                     {"count", one.misses ? "misses" : "all"},
                     {"dry_run", one.dry_run}});
  auto keys = json_value::array();
  for (const auto& one : limits.keys)
    keys.push_back({{"limit", one.limit},
                    {"key", one.key},
                    {"remaining", one.remaining},
                    {"under_way", one.under_way},
                    {"full_in_seconds", seconds(one.full_in)}});
  return {{"limits", std::move(rules)},
          {"keys", std::move(keys)},
          {"table", {{"used", limits.slots_used}, {"total", limits.slots_total}}}};
}

json_value to_json(const std::vector<ban_status>& bans) {
  auto out = json_value::array();
  for (const auto& one : bans)
    out.push_back({{"network", one.network},
                   {"since", unix_seconds(one.since)},
                   {"until", unix_seconds(one.until)},
                   {"automatic", one.automatic},
                   {"reason", one.reason}});
  return out;
}

json_value snapshot_json(const node_view& node, wall_time now) {
  return {{"time", unix_seconds(now)},
          {"status", to_json(node.status())},
          {"nodes", to_json(node.members())},
          {"upstreams", to_json(node.upstreams())}};
}

std::string dump(const json_value& value, int indent) {
  return value.dump(indent, ' ', false, json_value::error_handler_t::replace);
}

} // namespace weir::net
