// How many TLS handshake steps a shard takes between two looks at its sockets.
#pragma once

#include "base/clock.hpp"

namespace weir::net {

/// A handshake costs a thousand times what a request costs: when hundreds come at once, those who
/// are connected already must get their turns in between. One shard's. Pure.
class handshake_budget {
public:
  /// Some 10 ms with RSA, 2 ms with ECDSA.
  static constexpr int steps_per_round = 16;

  /// `round` is the loop's time, the same within one round. False: again in the next one.
  bool take(steady_time round) {
    if (round != round_) {
      round_ = round;
      left_ = steps_per_round;
    }
    if (left_ == 0) return false;
    --left_;
    return true;
  }

private:
  steady_time round_{};
  int left_ = 0;
};

} // namespace weir::net
