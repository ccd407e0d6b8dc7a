// A clock that stands still until a test moves it.
#pragma once

#include "base/clock.hpp"

namespace weir::test {

/// Starts at an arbitrary but fixed point (not zero, so that "unset" differs from "at the start").
class manual_clock final : public clock_source {
public:
  steady_time steady() const override { return steady_; }
  wall_time wall() const override { return wall_; }

  void advance(duration by) {
    steady_ += std::chrono::duration_cast<steady_time::duration>(by);
    wall_ += std::chrono::duration_cast<wall_time::duration>(by);
  }

private:
  steady_time steady_{std::chrono::hours(1000)};
  wall_time wall_{std::chrono::seconds(1'700'000'000)};
};

} // namespace weir::test
