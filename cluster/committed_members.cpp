// From rosters to member lists.
#include "cluster/committed_members.hpp"

namespace weir::cluster {

member_list list_of(const roster& from) {
  member_list out{from.epoch, {}};
  for (const auto& [id, each] : from.members)
    if (linked_with(each.fact.state))
      out.members.push_back({id, each.fact.name, each.fact.address});
  return out;
}

bool committed_members::update(const roster& agreed) {
  if (agreed.epoch <= current()->epoch) return false;
  list_.store(std::make_shared<const member_list>(list_of(agreed)));
  return true;
}

} // namespace weir::cluster
