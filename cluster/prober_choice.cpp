// Rendezvous hashing and listening.
#include "cluster/prober_choice.hpp"

#include "base/hash.hpp"

#include <algorithm>

namespace weir::cluster {

namespace {

std::uint64_t score(std::string_view server, const node_id& id) {
  const std::string_view bytes(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size());
  return mix64(fnv1a64(bytes, fnv1a64(server)));
}

} // namespace

std::vector<node_id> prober_order(std::string_view server, const std::vector<node_id>& live) {
  auto out = live;
  std::ranges::sort(out, [&](const node_id& a, const node_id& b) {
    return std::pair(score(server, a), a) > std::pair(score(server, b), b);
  });
  return out;
}

void prober_choice::members(std::vector<node_id> live) {
  live_ = std::move(live);
  for (auto& [server, entry] : servers_)
    place(server, entry);
}

void prober_choice::servers(const std::set<std::string, std::less<>>& names, steady_time now) {
  std::erase_if(servers_, [&](const auto& each) { return !names.contains(each.first); });
  for (const auto& name : names) {
    const auto [at, is_new] = servers_.try_emplace(name);
    if (!is_new) continue;
    // Whoever comes first gets its first interval before others think it is missing.
    at->second.last_heard = now;
    place(name, at->second);
  }
}

void prober_choice::place(std::string_view server, watched& entry) const {
  const auto order = prober_order(server, live_);
  const auto ours = std::ranges::find(order, self_);
  entry.count = ours == order.end() ? 0 : order.size();
  entry.before_us.assign(order.begin(), ours);
  entry.place = entry.before_us.size();
}

void prober_choice::heard(std::string_view server, const node_id& by, steady_time now) {
  const auto found = servers_.find(server);
  if (found == servers_.end()) return;
  auto& entry = found->second;
  if (std::ranges::find(entry.before_us, by) != entry.before_us.end()) entry.last_heard = now;
}

bool prober_choice::is_ours(std::string_view server, duration interval, steady_time now) const {
  const auto found = servers_.find(server);
  if (found == servers_.end() || found->second.count == 0) return false;
  const auto& entry = found->second;
  if (entry.place == 0) return true;
  const auto share = static_cast<duration::rep>(entry.place);
  const auto patience = interval + interval * share / static_cast<duration::rep>(entry.count);
  return now - entry.last_heard >= patience;
}

} // namespace weir::cluster
