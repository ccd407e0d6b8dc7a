// A rate per second from a counter that is looked at now and then.
#pragma once

#include "base/clock.hpp"

#include <cstdint>

namespace weir {

/// The rate over the last interval of a second or more between two looks. One owner; time is an
/// argument. Whoever shows a rate looks about once a second, else it is an average over the longer
/// gap.
class rate_meter {
public:
  static constexpr duration interval = 1s;

  /// Takes the counter's value at `now` and returns the rate. A counter that fell begins anew.
  double look(steady_time now, std::uint64_t total) {
    if (!begun_ || total < total_) {
      begun_ = true;
      at_ = now;
      total_ = total;
      per_second_ = 0;
    } else if (now - at_ >= interval) {
      per_second_ =
          static_cast<double>(total - total_) / std::chrono::duration<double>(now - at_).count();
      at_ = now;
      total_ = total;
    }
    return per_second_;
  }
  double per_second() const { return per_second_; }

private:
  bool begun_ = false;
  steady_time at_{};
  std::uint64_t total_ = 0;
  double per_second_ = 0;
};

} // namespace weir
