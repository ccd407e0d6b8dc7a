// A relay between two servers: whoever answers first is its origin, and who fails leaves the other.
#include "net/proxy/relay.hpp"
#include "net/proxy/upstream_pool.hpp"

#include <utility>

namespace weir::net {

void relay::ask_second() {
  hedge_at_ = steady_time::max();
  if (interims_ > 0 || !x_->lease->in.empty()) return; // its answer has begun
  auto place = x_->pool->hedge(*x_);
  if (!place) return;
  scout_ = std::make_unique<scout>(shard_, *this, *x_, std::move(*place));
  scout_->start();
}

relay_state relay::race() {
  if (x_->lease) {
    const auto state = advance_lease();
    if (!scout_) return state; // the first one answered, or the client has gone
  }
  const auto second = scout_->advance();
  if (second == scout_state::failed) {
    if (!x_->lease) return both_failed();
    x_->tried.push_back(scout_->server());
    scout_.reset();
  } else if (second == scout_state::answered || (!x_->lease && scout_->asked())) {
    take_over(second == scout_state::answered);
    return advance_lease();
  }
  set_deadline(false);
  return relay_state::streaming;
}

void relay::take_over(bool answered) {
  drop_request();
  request_broken_ = false;
  scanned_ = 0;
  progress_at_ = answered ? shard_.loop.now() : scout_->begun();
  scout_->hand_over(*x_);
  scout_.reset();
  x_->lease->set_user(this);
}

relay_state relay::leave_to_second(failure_kind kind) {
  x_->pool->leave_to_second(*x_, kind, interims_ > 0 || !x_->lease->in.empty());
  drop_request();
  progress_at_ = scout_->begun();
  return relay_state::streaming;
}

/// `all`: the request's own time is over, not only a server's.
relay_state relay::expire_race(bool all) {
  if (!x_->lease) {
    scout_->expire();
    const auto state = both_failed();
    if (all) x_->reason = end_reason::request_timeout;
    return state;
  }
  if (!all) {
    leave_to_second(failure_kind::timeout);
    return race();
  }
  scout_.reset();
  return upstream_failed(failure_kind::timeout, end_reason::request_timeout, 504);
}

/// The second attempt has failed behind the first.
relay_state relay::both_failed() {
  const auto second = std::move(scout_);
  failed_attempt attempt;
  attempt.kind = second->failure();
  attempt.response_started = interim_sent_;
  if (x_->pool->give_up_second(*x_, second->server(), attempt).retry()) return relay_state::retry;
  const bool late = attempt.kind == failure_kind::timeout || second->timed_out();
  const bool connected = attempt.kind != failure_kind::connect;
  x_->reason = late        ? end_reason::upstream_timeout
               : connected ? end_reason::upstream_reset
                           : end_reason::connect_failed;
  x_->status = late ? 504 : 502;
  const bool answerable = can_answer();
  drop_response();
  response_head_.release();
  return answerable ? relay_state::failed : relay_state::broken;
}

} // namespace weir::net
