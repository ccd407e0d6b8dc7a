// Which member probes which server, so that a server sees one prober and not one a node.
#pragma once

#include "base/clock.hpp"
#include "base/node_id.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weir::cluster {

/// The members in the order in which they are to probe `server` (rendezvous hashing): the same on
/// every node that knows the same members, and when one goes only its servers move.
std::vector<node_id> prober_order(std::string_view server, const std::vector<node_id>& live);

/// One per node. The first in a server's order probes it. Nodes may differ about who lives, so the
/// others listen: the one at place r of n takes over when nobody's result was heard for 1 + r/n
/// intervals, hence within two, and stops when it hears an earlier one again. Told the time.
class prober_choice {
public:
  explicit prober_choice(node_id self) : self_(self) {}

  /// The members that are alive in this node's eyes, itself included if it probes at all.
  void members(std::vector<node_id> live);
  /// The servers of the configuration; what is not among them is forgotten.
  void servers(const std::set<std::string, std::less<>>& names, steady_time now);
  /// A result of `by`'s own probing, our own included, has become known.
  void heard(std::string_view server, const node_id& by, steady_time now);

  /// Whether this node is to probe the server now. False for one that is not of the configuration.
  bool is_ours(std::string_view server, duration interval, steady_time now) const;

private:
  struct watched {
    std::size_t place = 0;    // ours in its order
    std::size_t count = 0;    // of members in it; 0: we are not
    steady_time last_heard{}; // from one whose place is before ours
    std::vector<node_id> before_us;
  };

  void place(std::string_view server, watched& entry) const;

  node_id self_;
  std::vector<node_id> live_;
  std::map<std::string, watched, std::less<>> servers_;
};

} // namespace weir::cluster
