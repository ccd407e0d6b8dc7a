// The rules that turn silence, closed links and vouchers into an opinion.
#include "cluster/failure_detector.hpp"

#include <algorithm>

namespace weir::cluster {

const char* to_string(doubt why) {
  switch (why) {
  case doubt::none:
    return "none";
  case doubt::never_heard:
    return "never_heard";
  case doubt::silent:
    return "silent";
  case doubt::link_closed:
    return "link_closed";
  case doubt::stopped:
    return "stopped";
  }
  return "unknown";
}

failure_detector::failure_detector(const detector_settings& settings, steady_time now)
    : settings_(settings), history_(settings.heartbeat, settings.deviation_min), since_(now),
      doubted_since_(now), next_round_(now + settings.probe_every) {}

void failure_detector::link_opened() {
  linked_ = true;
}

void failure_detector::link_closed(steady_time now) {
  linked_ = false;
  last_regular_ = {};
  if (state_ != liveness::alive) return;
  doubt_it(liveness::suspect, doubt::link_closed, now);
  next_round_ = now;
}

void failure_detector::heard(bool regular, steady_time now) {
  if (regular) {
    if (state_ == liveness::alive && last_regular_ != steady_time{})
      history_.record(now - last_regular_);
    last_regular_ = now;
  }
  last_heard_ = now;
  believe(now);
}

void failure_detector::vouched(steady_time now) {
  last_vouched_ = now;
  believe(now);
}

void failure_detector::not_reached() {
  if (awaited_ == 0) return;
  if (--awaited_ == 0) round_failed_ = true;
}

void failure_detector::stopped(steady_time now) {
  doubt_it(liveness::down, doubt::stopped, now);
}

void failure_detector::forgive(duration span, steady_time now) {
  auto shift = [&](steady_time& time) {
    if (time != steady_time{}) time = std::min(now, time + span);
  };
  shift(last_heard_);
  shift(last_regular_);
  shift(last_vouched_);
  shift(since_);
  shift(doubted_since_);
  if (awaited_ > 0) shift(round_ends_);
}

double failure_detector::phi(int patience, duration allowance, steady_time now) const {
  return history_.phi((now - last_heard_) / patience, settings_.pause_tolerated + allowance);
}

bool failure_detector::judge(int patience, duration allowance, steady_time now) {
  if (awaited_ > 0 && now >= round_ends_) {
    awaited_ = 0;
    round_failed_ = true;
  }
  if (state_ == liveness::suspect && now - since_ >= settings_.down_after)
    doubt_it(liveness::down, why_, now);
  const bool vouched_for =
      last_vouched_ != steady_time{} && now - last_vouched_ < settings_.vouch_lasts;
  const double silence = linked_ ? phi(patience, allowance, now) : settings_.suspect_phi;
  if (state_ == liveness::alive && silence < settings_.probe_phi) {
    round_failed_ = false;
    return false;
  }
  if (state_ == liveness::alive && silence >= settings_.suspect_phi && round_failed_ &&
      !vouched_for)
    doubt_it(liveness::suspect, doubt::silent, now);
  return awaited_ == 0 && why_ != doubt::stopped && now >= next_round_;
}

void failure_detector::round_begun(std::size_t asked, int patience, steady_time now) {
  awaited_ = asked;
  round_failed_ = asked == 0;
  round_ends_ = now + settings_.probe_patience * patience;
  next_round_ = now + settings_.probe_every;
}

void failure_detector::doubt_it(liveness state, doubt why, steady_time now) {
  if (state_ == liveness::alive) doubted_since_ = now;
  state_ = state;
  why_ = why;
  since_ = now;
}

void failure_detector::believe(steady_time now) {
  last_sign_ = now;
  round_failed_ = false;
  if (state_ == liveness::alive) return;
  state_ = liveness::alive;
  why_ = doubt::none;
  since_ = now;
}

} // namespace weir::cluster
