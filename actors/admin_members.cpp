// Times that passed instead of points in time, and nothing where nothing is known.
#include "actors/admin_members.hpp"

#include <algorithm>

namespace weir::actors {
namespace {

bool alive(cluster::member_state state) {
  using enum cluster::member_state;
  return state == starting || state == ready || state == draining;
}

net::member_status row_of(const cluster::member_row& from, steady_time now) {
  net::member_status row;
  row.name = from.name;
  row.node_id = from.id.text();
  row.address = from.address;
  row.state = cluster::to_string(from.state);
  row.self = from.self;
  row.linked = from.linked;
  row.version = from.version;
  row.config_version = from.config_version;
  row.config_digest = from.config_digest;
  row.uptime = from.uptime;
  if (alive(from.state)) row.requests_per_second = from.rps;
  if (from.rtt != duration{}) row.rtt = from.rtt;
  if (from.last_heard == steady_time{}) return row;
  const duration silence = std::max<duration>(now - from.last_heard, duration{});
  row.last_heard = silence;
  // Its own word is as old as the silence; while it lives it has gone on running.
  if (alive(from.state)) row.uptime += silence;
  return row;
}

} // namespace

std::vector<net::member_status> admin_members(const cluster::member_view& view, steady_time now) {
  std::vector<net::member_status> rows;
  rows.reserve(view.members.size());
  for (const auto& member : view.members)
    rows.push_back(row_of(member, now));
  return rows;
}

} // namespace weir::actors
