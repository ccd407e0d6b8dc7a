// Counting contacts.
#include "cluster/authority_lease.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace weir::cluster {

const char* to_string(isolation why) {
  switch (why) {
  case isolation::none:
    return "none";
  case isolation::no_majority:
    return "no_majority";
  case isolation::not_counted:
    return "not_counted";
  case isolation::list_behind:
    return "list_behind";
  }
  return "unknown";
}

void authority_lease::members(const roster& agreed) {
  if (agreed.epoch < epoch_) return;
  epoch_ = agreed.epoch;
  if (epoch_ >= newest_epoch_) behind_since_ = {};
  std::map<node_id, steady_time> kept;
  for (const auto& [id, each] : agreed.members) {
    if (!counts(each.fact.state)) continue;
    // One that is down still counts in the majority; but itself it is fenced.
    if (id == self_ && each.fact.state == standing::down) continue;
    const auto known = contacts_.find(id);
    kept.emplace(id, known == contacts_.end() ? steady_time{} : known->second);
  }
  contacts_ = std::move(kept);
}

void authority_lease::acknowledged(const node_id& peer, steady_time sent, std::uint64_t epoch,
                                   steady_time now) {
  newest_epoch_ = std::max(newest_epoch_, epoch);
  if (newest_epoch_ > epoch_ && behind_since_ == steady_time{}) behind_since_ = now;
  const auto contact = contacts_.find(peer);
  if (contact != contacts_.end()) contact->second = std::max(contact->second, sent);
}

authority authority_lease::at(steady_time now) const {
  authority out;
  out.needed = contacts_.size() / 2 + 1;
  if (!is_counted()) {
    out.why = isolation::not_counted;
    return out;
  }
  std::vector<steady_time> contacts;
  for (const auto& [id, sent] : contacts_)
    contacts.push_back(id == self_ ? now : sent);
  std::ranges::sort(contacts, std::greater{});
  const auto good = [&](steady_time sent) { return sent != steady_time{} && now - sent < lasts; };
  out.reached = static_cast<std::size_t>(std::ranges::count_if(contacts, good));
  // Alone, it is the majority, for ever.
  out.until = out.needed == 1 ? steady_time::max() : contacts[out.needed - 1] + lasts;
  if (out.reached < out.needed)
    out.why = isolation::no_majority;
  else if (behind_since_ != steady_time{} && now - behind_since_ >= lasts)
    out.why = isolation::list_behind;
  return out;
}

} // namespace weir::cluster
