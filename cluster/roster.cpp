// Reading the members and tokens from a snapshot.
#include "cluster/roster.hpp"

#include "cluster/errc.hpp"
#include "cluster/meta_layout.hpp"

#include <algorithm>

namespace weir::cluster {

namespace {

result<void> take(const meta_entry& entry, roster& out) {
  if (entry.key == meta_layout::epoch) {
    const auto fact = decode_fact<epoch_fact>(entry.value);
    if (!fact) return fact.error();
    out.epoch = fact->epoch;
    out.epoch_modified = entry.modified;
    return {};
  }
  if (const auto id = meta_layout::node_of(entry.key, meta_layout::nodes)) {
    auto fact = decode_fact<member_fact>(entry.value);
    if (!fact) return fact.error();
    if (fact->id != *id) return errc::out_of_range;
    out.members.emplace(*id, versioned<member_fact>{std::move(*fact), entry.modified});
    return {};
  }
  if (const auto hash = meta_layout::hash_of(entry.key, meta_layout::tokens)) {
    auto fact = decode_fact<token_fact>(entry.value);
    if (!fact) return fact.error();
    out.tokens.emplace(*hash, versioned<token_fact>{std::move(*fact), entry.modified});
    return {};
  }
  return errc::out_of_range;
}

} // namespace

result<roster> roster::read(const meta_snapshot& from) {
  roster out;
  for (const auto& entry : from.entries)
    if (const auto taken = take(entry, out); !taken) return taken.error();
  return out;
}

const member_fact* roster::find(const node_id& id) const {
  const auto found = members.find(id);
  return found == members.end() ? nullptr : &found->second.fact;
}

const member_fact* roster::find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      members, [&](const auto& each) { return each.second.fact.name == name; });
  return found == members.end() ? nullptr : &found->second.fact;
}

std::size_t roster::count(standing state) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      members, [&](const auto& each) { return each.second.fact.state == state; }));
}

} // namespace weir::cluster
