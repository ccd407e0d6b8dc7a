// Ten buckets of a second each, reused in turn.
#include "net/upstream/retry_budget.hpp"

#include <algorithm>

namespace weir::net {

namespace {

std::int64_t second_of(steady_time now) {
  return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
}

} // namespace

retry_budget::bucket& retry_budget::at(steady_time now) {
  auto second = second_of(now);
  auto& found = buckets_[static_cast<std::size_t>(second) % buckets_.size()];
  if (found.second != second) found = {.second = second};
  return found;
}

void retry_budget::count_request(steady_time now) {
  ++at(now).requests;
}

bool retry_budget::allows(steady_time now) const {
  auto oldest = second_of(now) - static_cast<std::int64_t>(buckets_.size()) + 1;
  std::uint64_t requests = 0;
  std::uint64_t retries = 0;
  for (auto& each : buckets_) {
    if (each.second < oldest) continue;
    requests += each.requests;
    retries += each.retries;
  }
  return retries < std::max<std::uint64_t>(requests * percent_ / 100, floor_);
}

bool retry_budget::try_spend(steady_time now) {
  if (!allows(now)) return false;
  ++at(now).retries;
  return true;
}

} // namespace weir::net
