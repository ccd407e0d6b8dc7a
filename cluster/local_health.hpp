// How far a node may trust its own judgement (Dadgar, Phillips, Currey, "Lifeguard", 2018).
#pragma once

#include "base/clock.hpp"

namespace weir::cluster {

/// A slow node sees silence everywhere. Each sign of its own slowness makes it more patient with
/// the others, each quiet second less so. A plain value.
class local_health {
public:
  explicit local_health(steady_time now) : last_change_(now) {}

  /// Our loop came `lag` late, or a peer believed us dead.
  void late(duration lag, steady_time now);
  void accused(steady_time now) { worsen(now); }
  /// Call now and then: time heals.
  void recover(steady_time now);

  /// What silence is divided by before it is judged: 1 to 8.
  int multiplier() const { return 1 + score_; }
  /// How late our loop has been lately; what we tell the others.
  duration lag() const { return lag_; }

private:
  void worsen(steady_time now);

  int score_ = 0;
  duration lag_{};
  steady_time last_change_;
};

} // namespace weir::cluster
