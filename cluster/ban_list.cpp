// Adding, ending and removing bans.
#include "cluster/ban_list.hpp"

namespace weir::cluster {

ban_outcome ban_list::add(const ban& wanted, wall_time now) {
  const auto where = key_of(wanted.network);
  if (const auto known = bans_.find(where); known != bans_.end()) {
    const auto& old = known->second;
    const bool stays = wanted.automatic && (!old.automatic || old.until >= wanted.until);
    if (stays && old.until > now) return ban_outcome::unchanged;
    forget(known);
  }
  if (bans_.size() >= most_) expire(now);
  if (bans_.size() >= most_) return ban_outcome::full;
  bans_.emplace(where, wanted);
  ends_.emplace(wanted.until, where);
  return ban_outcome::added;
}

std::optional<ban> ban_list::remove(const config::cidr& network) {
  const auto known = bans_.find(key_of(network));
  if (known == bans_.end()) return std::nullopt;
  auto gone = known->second;
  forget(known);
  return gone;
}

std::vector<ban> ban_list::expire(wall_time now) {
  std::vector<ban> gone;
  while (!ends_.empty() && ends_.begin()->first <= now) {
    const auto known = bans_.find(ends_.begin()->second);
    gone.push_back(known->second);
    forget(known);
  }
  return gone;
}

std::vector<ban> ban_list::all() const {
  std::vector<ban> out;
  out.reserve(bans_.size());
  for (const auto& each : bans_)
    out.push_back(each.second);
  return out;
}

void ban_list::forget(std::map<key, ban>::iterator which) {
  auto [at, end] = ends_.equal_range(which->second.until);
  while (at != end && at->second != which->first)
    ++at;
  if (at != end) ends_.erase(at);
  bans_.erase(which);
}

} // namespace weir::cluster
