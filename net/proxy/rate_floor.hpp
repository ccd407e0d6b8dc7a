// A least rate for a peer we wait for: progress alone is not enough, or a byte now and then would
// hold a connection for ever.
#pragma once

#include "base/clock.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace weir::net {

/// Gives the peer time to be waited for: `grace` at first, and more with each byte it sends, at
/// `bytes_per_second`, never more than `grace` in store. Only time in which we wait for it is
/// spent. So on a long average it keeps the rate, and may pause for `grace` (Apache's
/// mod_reqtimeout does the like). Pure.
class rate_floor {
public:
  /// Rate 0: no floor.
  void start(std::uint64_t bytes_per_second, duration grace) {
    rate_ = bytes_per_second;
    grace_ = left_ = grace;
    since_.reset();
  }
  /// We wait for the peer from now on, if we did not already.
  void wait(steady_time now) {
    if (!since_) since_ = now;
  }
  /// We do not, any more: it is somebody else's turn.
  void rest(steady_time now) {
    if (since_) left_ -= now - *since_;
    since_.reset();
  }
  void moved(std::uint64_t bytes, steady_time now) {
    if (rate_ == 0) return;
    rest(now);
    const std::chrono::duration<double> earned(static_cast<double>(bytes) /
                                               static_cast<double>(rate_));
    if (earned >= grace_) {
      left_ = grace_;
      return;
    }
    left_ = std::max(left_, duration{}) + std::chrono::duration_cast<duration>(earned);
    left_ = std::min(grace_, left_);
  }
  /// When the peer has used up its time.
  steady_time deadline() const {
    return rate_ == 0 || !since_ ? steady_time::max() : *since_ + left_;
  }

private:
  std::uint64_t rate_ = 0;
  duration grace_{};
  duration left_{};
  std::optional<steady_time> since_;
};

} // namespace weir::net
