// From limits and bans to the values of limit_view.hpp.
#include "actors/limit_status.hpp"

#include "base/units.hpp"
#include "config/network.hpp"

#include <algorithm>

namespace weir::actors {

namespace {

/// Keys that a page shows: the ones that are closest to a refusal.
constexpr std::size_t keys_shown = 100;

std::string text_of(const config::limit_key_part& part) {
  switch (part.kind) {
  case config::limit_key_kind::ip:
    return "ip";
  case config::limit_key_kind::host:
    return "host";
  case config::limit_key_kind::path:
    return "path";
  case config::limit_key_kind::all:
    return "all";
  case config::limit_key_kind::header:
    return "header:" + part.name;
  case config::limit_key_kind::cookie:
    return "cookie:" + part.name;
  case config::limit_key_kind::query:
    break;
  }
  return "query:" + part.name;
}

net::limit_status row_of(const net::request_limit& limit) {
  net::limit_status row;
  row.name = limit.name;
  for (const auto& part : limit.settings.key)
    row.key.push_back(text_of(part));
  if (limit.settings.per_key) {
    row.rate = format_rate(*limit.settings.per_key);
    row.burst = static_cast<std::uint64_t>(limit.burst);
  }
  row.concurrency = limit.concurrency;
  row.misses = limit.settings.count == config::limit_count::misses;
  row.dry_run = limit.settings.dry_run;
  return row;
}

} // namespace

net::limits_status show_limits(node_limits& limits, const net::site_table& sites, steady_time now) {
  net::limits_status out;
  for (const auto* each : all_limits(sites))
    out.limits.push_back(row_of(*each));
  out.keys = limits.keys(sites, now, keys_shown);
  out.slots_used = limits.table().stats().used.load(std::memory_order_relaxed);
  out.slots_total = limits.table().slots();
  return out;
}

std::vector<net::ban_status> show_bans(const ban_board& board) {
  std::vector<net::ban_status> out;
  for (const auto& each : *board.bans())
    out.push_back(
        {config::network_text(each.network), each.since, each.until, each.automatic, each.reason});
  return out;
}

net::action_outcome reset_limit(node_limits& limits, const net::site_table& sites,
                                const std::string& key, const std::string& limit) {
  const auto all = all_limits(sites);
  const bool known = limit.empty() || std::any_of(all.begin(), all.end(), [&](const auto* each) {
                       return each->name == limit;
                     });
  if (!known) return {net::outcome_kind::unknown, "there is no limit " + limit, {}, 0};
  const auto count = limits.reset(sites, key, limit);
  if (count == 0) return {net::outcome_kind::unknown, "no limit knows the key " + key, {}, 0};
  return {net::outcome_kind::done,
          "reset in " + std::to_string(count) + (count == 1 ? " place" : " places"),
          {},
          0};
}

net::action_outcome ban_outcome_of(error_code failed, const std::string& network, bool added) {
  using net::outcome_kind;
  if (!failed)
    return {
        outcome_kind::done, network + (added ? " is banned" : " is not banned any more"), {}, 0};
  if (failed == boost::system::errc::no_such_process)
    return {outcome_kind::unknown, network + " is not banned", {}, 0};
  if (failed == boost::system::errc::no_buffer_space)
    return {
        outcome_kind::conflict, "there are " + std::to_string(bans_max) + " bans already", {}, 0};
  return {outcome_kind::failed,
          "in force, but not on disk, so only until a restart: " + failed.message(),
          {},
          0};
}

} // namespace weir::actors
