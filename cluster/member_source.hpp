// Who belongs to the cluster: the one door through which the member list comes in.
#pragma once

#include "base/node_id.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::cluster {

struct member_entry {
  node_id id;
  std::string name;
  std::string address; // host:port of its peer listener
  bool operator==(const member_entry&) const = default;
};

/// Immutable. A later list has a higher epoch.
struct member_list {
  std::uint64_t epoch = 1;
  std::vector<member_entry> members; // ourselves included, ids unique
};
using member_list_ptr = std::shared_ptr<const member_list>;

/// Where the list comes from: the file's `nodes:` (static_members), an agreed list some day. Asked
/// at every tick, so current() must be cheap; thread-safe.
class member_source {
public:
  virtual ~member_source() = default;
  virtual member_list_ptr current() const = 0;
};

/// A list that does not change while the node runs.
class static_members final : public member_source {
public:
  explicit static_members(member_list list)
      : list_(std::make_shared<const member_list>(std::move(list))) {}
  member_list_ptr current() const override { return list_; }

private:
  member_list_ptr list_;
};

} // namespace weir::cluster
