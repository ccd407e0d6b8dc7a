// The one place that reads the machine's clocks.
#include "base/clock.hpp"

namespace weir {
namespace {

class machine_clock final : public clock_source {
public:
  steady_time steady() const override { return std::chrono::steady_clock::now(); }
  wall_time wall() const override { return std::chrono::system_clock::now(); }
};

} // namespace

const clock_source& system_clock() {
  static const machine_clock clock;
  return clock;
}

} // namespace weir
