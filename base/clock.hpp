// Time as a value that is passed in: decisions never read a clock themselves.
#pragma once

#include <chrono>

namespace weir {

using namespace std::chrono_literals;

using duration = std::chrono::nanoseconds;
/// Monotonic; what every deadline, interval and rate is measured with.
using steady_time = std::chrono::steady_clock::time_point;
/// Wall clock; only for what a person or a header shows.
using wall_time = std::chrono::system_clock::time_point;

/// Where time comes from. Tests hand in a manual one.
class clock_source {
public:
  virtual ~clock_source() = default;
  virtual steady_time steady() const = 0;
  virtual wall_time wall() const = 0;
};

/// The machine's own clocks; lives for the whole process, any thread.
const clock_source& system_clock();

} // namespace weir
