// The arithmetic of passive ejection.
#include "net/upstream/outlier.hpp"

#include <algorithm>

namespace weir::net {

std::string_view name_of(ejection_reason reason) {
  switch (reason) {
  case ejection_reason::consecutive_failures:
    return "consecutive_failures";
  case ejection_reason::success_rate:
    return "success_rate";
  }
  return "invalid";
}

bool succeeds_too_rarely(const config::outlier_settings& settings, std::uint32_t requests,
                         std::uint32_t failures) {
  if (settings.success_percent == 0 || requests < settings.requests) return false;
  const std::uint64_t successes = requests - std::min(failures, requests);
  return successes * 100 < std::uint64_t{requests} * settings.success_percent;
}

bool may_eject(const config::outlier_settings& settings, std::uint32_t ejected, std::uint32_t up) {
  auto allowed = std::uint64_t{up} * std::min(settings.max_ejected_percent, 100u) / 100;
  return ejected < allowed;
}

steady_time eject(outlier_history& history, const config::outlier_settings& settings,
                  steady_time now) {
  auto unit = std::max<duration>(settings.eject, 1ms);
  if (history.level > 0 && now > history.ejected_until) {
    auto steps_back = (now - history.ejected_until) / unit;
    history.level -= static_cast<std::uint32_t>(std::min<std::int64_t>(steps_back, history.level));
  }
  history.level =
      std::min(history.level + 1, 1'000u); // enough for any `eject` to reach the longest
  auto lasts = unit >= longest_ejection ? unit : std::min(unit * history.level, longest_ejection);
  history.ejected_until = now + std::chrono::duration_cast<steady_time::duration>(lasts);
  return history.ejected_until;
}

} // namespace weir::net
