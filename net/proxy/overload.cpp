// Two thresholds for each reading, and a moment of calm before it is over.
#include "net/proxy/overload.hpp"

#include <array>

namespace weir::net {

namespace {

bool reaches(std::uint64_t used, std::uint64_t of, std::uint32_t percent) {
  return of != 0 && used >= of - of * (100 - percent) / 100;
}

} // namespace

std::string_view name_of(overload_reason reason) {
  constexpr std::array<std::string_view, overload_reason_count> names = {"none", "descriptors",
                                                                         "memory", "loop_lag"};
  return names[static_cast<std::size_t>(reason)];
}

overload_reason overload::update(const load_readings& now, steady_time when) {
  const auto found = judge(now);
  if (found != overload_reason::none) {
    reason_ = found;
    calm_ = false;
    return reason_;
  }
  if (reason_ == overload_reason::none) return reason_;
  if (!is_over(now)) {
    calm_ = false;
    return reason_;
  }
  if (!calm_) calm_since_ = when;
  calm_ = true;
  if (when - calm_since_ >= limits_.calm) reason_ = overload_reason::none;
  return reason_;
}

overload_reason overload::judge(const load_readings& now) {
  late_ = now.lag >= limits_.lag_begins ? late_ + 1 : 0;
  if (reaches(now.descriptors, now.descriptors_max, limits_.begin_percent))
    return overload_reason::descriptors;
  if (reaches(now.memory_bytes, now.memory_bytes_max, limits_.begin_percent))
    return overload_reason::memory;
  return late_ >= limits_.lag_readings ? overload_reason::loop_lag : overload_reason::none;
}

bool overload::is_over(const load_readings& now) const {
  return !reaches(now.descriptors, now.descriptors_max, limits_.end_percent) &&
         !reaches(now.memory_bytes, now.memory_bytes_max, limits_.end_percent) &&
         now.lag <= limits_.lag_ends;
}

} // namespace weir::net
