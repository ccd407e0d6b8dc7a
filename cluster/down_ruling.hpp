// Which members the leader is to commit as down, and which of those that are down it lets back.
#pragma once

#include "cluster/membership.hpp"
#include "cluster/roster.hpp"

#include <map>
#include <vector>

namespace weir::cluster {

struct ruling {
  std::vector<node_id> down; // mark_down
  std::vector<node_id> back; // let_back
};

/// A member goes down when each of a majority of those that count has doubted it for 5 s without a
/// break; it comes back when a majority has heard it for a while without a break: 5 s at first,
/// twice as long each time it falls again within 10 minutes, 5 minutes at most. So a path that
/// flaps faster than 5 s changes nothing, and one that flaps slower does so ever more rarely.
///
/// Every node keeps one and feeds it at every tick, so that a new leader knows at once what the old
/// one knew; only the leader acts on it. Told the time.
class down_ruling {
public:
  static constexpr duration down_after = 5s;
  static constexpr duration joining_down_after = 1min; // it may not even have been started yet
  static constexpr duration report_lasts = 1s; // five heartbeats: then it says nothing any more
  static constexpr duration back_after = 5s;
  static constexpr duration back_after_max = 5min;
  static constexpr duration falls_forgotten = 10min;

  ruling judge(const roster& agreed, const std::vector<doubt_report>& reports, steady_time now);

private:
  /// What a member has behind it.
  struct record {
    std::uint64_t fallen_epoch = 0; // of the last fall that was counted
    unsigned falls = 0;
    steady_time last_fall{};
    steady_time heard_since{}; // by a majority; zero: it is not
  };

  bool may_return(record& past, const member_fact& member, bool heard, steady_time now);

  std::map<node_id, record> records_;
};

} // namespace weir::cluster
