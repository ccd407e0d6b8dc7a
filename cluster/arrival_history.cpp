// Phi accrual over a sliding window of arrival gaps.
#include "cluster/arrival_history.hpp"

#include <algorithm>
#include <cmath>

namespace weir::cluster {

namespace {

constexpr double outage_factor = 5;
constexpr double phi_max = 300; // far above every threshold, far below what a double can hold

double seconds(duration span) {
  return std::chrono::duration<double>(span).count();
}

} // namespace

arrival_history::arrival_history(duration expected, duration deviation_min)
    : expected_(seconds(expected)), deviation_min_(seconds(deviation_min)) {
  reset();
}

void arrival_history::reset() {
  count_ = 0;
  next_ = 0;
  sum_ = 0;
  sum_of_squares_ = 0;
  record(duration(static_cast<duration::rep>(expected_ * 1e9)));
}

void arrival_history::record(duration gap) {
  const double value = std::clamp(seconds(gap), 0.0, expected_ * outage_factor);
  if (count_ == window) {
    sum_ -= gaps_[next_];
    sum_of_squares_ -= gaps_[next_] * gaps_[next_];
  } else {
    ++count_;
  }
  gaps_[next_] = value;
  next_ = (next_ + 1) % window;
  sum_ += value;
  sum_of_squares_ += value * value;
}

double arrival_history::phi(duration silence, duration allowance) const {
  const double average = mean_seconds();
  const double variance = sum_of_squares_ / static_cast<double>(count_) - average * average;
  const double deviation = std::max(deviation_min_, std::sqrt(std::max(variance, 0.0)));
  const double y = (seconds(silence) - seconds(allowance) - average) / deviation;
  if (y <= 0) return 0;
  // A logistic curve in place of the normal distribution's tail (Bowling et al., 2009), as Akka
  // does.
  const double exponent = y * (1.5976 + 0.070566 * y * y);
  return std::min(phi_max, (exponent + std::log1p(std::exp(-exponent))) / std::log(10.0));
}

} // namespace weir::cluster
