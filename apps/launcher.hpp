// What the supervisor asks of whoever knows how one app is started.
#pragma once

#include "apps/app_machine.hpp"
#include "apps/guard_spec.hpp"
#include "config/settings.hpp"

#include <functional>
#include <optional>
#include <string>

namespace weir::apps {

/// Asks once whether a process serves already; `answer` may be called on any thread, once, later or
/// never.
using readiness_probe = std::function<void(std::function<void(bool serves)> answer)>;

struct launch_plan {
  guard_spec command;
  readiness_probe probe; // empty: ready as soon as it runs
};

/// Knows one version of one app's settings. Called on the supervisor's thread, held as long as a
/// process of it lives.
class launcher {
public:
  virtual ~launcher() = default;
  /// Makes everything ready for the start of process `child`; nothing, and the reason in `why`,
  /// when that is impossible.
  virtual std::optional<launch_plan> prepare(generation child, std::string& why) = 0;
  /// Requests are to go to this process from now on.
  virtual void promote(generation) {}
  /// The process is gone for good.
  virtual void forget(generation) {}
};

} // namespace weir::apps
