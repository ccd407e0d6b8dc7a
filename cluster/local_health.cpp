// The health score: up with each trouble, down with each quiet second.
#include "cluster/local_health.hpp"

#include <algorithm>

namespace weir::cluster {

namespace {

constexpr int score_max = 7;
constexpr duration lag_tolerated = 100ms;
constexpr duration healing_time = 1s;

} // namespace

void local_health::late(duration lag, steady_time now) {
  if (lag < lag_tolerated) return;
  lag_ = std::max(lag_, lag);
  worsen(now);
}

void local_health::recover(steady_time now) {
  if (now - last_change_ < healing_time) return;
  last_change_ = now;
  score_ = std::max(0, score_ - 1);
  lag_ = score_ == 0 ? duration{} : lag_ / 2;
}

void local_health::worsen(steady_time now) {
  score_ = std::min(score_max, score_ + 1);
  last_change_ = now;
}

} // namespace weir::cluster
