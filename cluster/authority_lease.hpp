// Whether this node may act for the cluster: it does while a majority of the committed members has
// lately heard it.
#pragma once

#include "base/clock.hpp"
#include "cluster/roster.hpp"

#include <cstddef>
#include <cstdint>
#include <map>

namespace weir::cluster {

/// Why a node is isolated.
enum class isolation : std::uint8_t {
  none,
  no_majority, // too few members have acknowledged us of late
  not_counted, // joining, down, left, revoked, or no member at all: fenced
  list_behind, // others go by a newer member list, and we have not got it for long
};
const char* to_string(isolation why);

struct authority {
  isolation why = isolation::none;
  steady_time until{};     // when it lapses if nothing more is heard; meaningless if isolated
  std::size_t reached = 0; // members that acknowledged us of late, ourselves included
  std::size_t needed = 1;
  bool isolated() const { return why != isolation::none; }
};

/// A lease without a granter. A contact counts from when we *sent* what the other side has seen: so
/// a member that has not heard us since T-3s cannot be among those that give us authority at T,
/// whichever way of the path is cut and however long anything was under way. A majority that has
/// missed us for 5 s (down_ruling) therefore missed us for 2 s more than we kept authority.
/// One per node; told the time; survives any pause, since a pause only makes contacts older.
class authority_lease {
public:
  static constexpr duration lasts = 3s;

  explicit authority_lease(node_id self) : self_(self) {}

  /// The committed members. An older epoch than the last is ignored.
  void members(const roster& agreed);
  /// `peer` has seen what we sent at `sent` (member_row::acknowledged), and goes by the member list
  /// of `epoch`.
  void acknowledged(const node_id& peer, steady_time sent, std::uint64_t epoch, steady_time now);

  authority at(steady_time now) const;

private:
  bool is_counted() const { return contacts_.contains(self_); }

  node_id self_;
  std::uint64_t epoch_ = 0;
  std::uint64_t newest_epoch_ = 0;          // that anyone spoke of
  steady_time behind_since_{};              // zero: we are not
  std::map<node_id, steady_time> contacts_; // of all members that count; zero: none
};

} // namespace weir::cluster
