// The committed members and the join tokens, as the MetaStore had them at one revision.
#pragma once

#include "base/meta_store.hpp"
#include "cluster/facts.hpp"
#include "cluster/member_source.hpp"

#include <cstdint>
#include <map>
#include <string_view>

namespace weir::cluster {

/// A fact with the revision that put it: what a change of it is conditioned on.
template <class Fact>
struct versioned {
  Fact fact;
  std::uint64_t modified = 0;
};

/// A value; everything below meta_layout::members. Every change of a member raises the epoch in the
/// same transaction, so two rosters of one epoch have the same members.
struct roster {
  std::uint64_t epoch = 0; // 0: the cluster has not been founded
  std::uint64_t epoch_modified = 0;
  std::map<node_id, versioned<member_fact>> members;
  std::map<content_hash, versioned<token_fact>> tokens;

  /// Errors: those of decode_fact, out_of_range for a key that is none of ours or names another
  /// member than its value. A roster with a hole would be worse than none.
  static result<roster> read(const meta_snapshot& from);

  const member_fact* find(const node_id& id) const;
  const member_fact* find(std::string_view name) const;
  std::size_t count(standing state) const;
};

/// Whether a member counts when a majority is asked for: up, leaving, and down too, until someone
/// forgets it. Counting the dead keeps two majorities from ever missing each other.
constexpr bool counts(standing state) {
  return state == standing::up || state == standing::leaving || state == standing::down;
}

/// Whether links to the member are wanted: all but those that left or were thrown out. A member
/// that is down must be heard again to come back.
constexpr bool linked_with(standing state) {
  return state != standing::left && state != standing::revoked;
}

} // namespace weir::cluster
