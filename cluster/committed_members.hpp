// The member list that the cluster agreed on, as the rest of the node knows member lists.
#pragma once

#include "cluster/roster.hpp"

#include <atomic>
#include <memory>

namespace weir::cluster {

/// The members that links are wanted with, in the order of their ids. What the mesh and the
/// membership machine see; who may serve is the roster's to say.
member_list list_of(const roster& from);

/// One per node. Follows the roster; asked by any thread.
class committed_members final : public member_source {
public:
  /// What was agreed when this node last knew: its mirror on disk, or the file of a first start.
  explicit committed_members(member_list known)
      : list_(std::make_shared<const member_list>(std::move(known))) {}

  member_list_ptr current() const override { return list_.load(); }

  /// Takes a roster unless it is older than what there is. Whether it was taken.
  /// REQUIRES: one thread at a time.
  bool update(const roster& agreed);

private:
  std::atomic<member_list_ptr> list_;
};

} // namespace weir::cluster
