// How long a session may stay in each state, and what it means when it stays longer.
#include "net/proxy/downstream_session.hpp"

namespace weir::net {

/// More than the shard can do: a word now is better than an answer too late.
void downstream_session::shed(exchange& x) {
  shard_.metrics.defence.shed[static_cast<std::size_t>(shard_.shedding)].add();
  x.detail = name_of(shard_.shedding);
  x.fail(503, end_reason::overloaded);
}

std::optional<steady_time> downstream_session::idle_since() const {
  if (phase_ != phase::head || !asked_ || !in_.empty() || draining_) return std::nullopt;
  return until_ - limits().timeouts.idle;
}

void downstream_session::set_deadline(steady_time when) {
  if (when == steady_time::max()) return timer_.cancel();
  timer_.expires_at(shard_.loop.timers(), when);
}

void downstream_session::head_deadline() {
  set_deadline(shard_.loop.now() + limits().timeouts.header);
}

/// First goes what only a busy connection needs, then the connection.
void downstream_session::expire_idle() {
  if (draining_ || !work_) return close();
  work_.reset();
  set_deadline(until_);
}

void downstream_session::on_timer(timer&) {
  switch (phase_) {
  case phase::head:
    if (in_.empty()) return expire_idle(); // nothing was asked, nothing is answered
    refuse(408, end_reason::header_timeout);
    return advance();
  case phase::stages:
    x_->cancelled = true; // whoever holds it lets it go
    x_->fail(504, end_reason::request_timeout);
    answer_locally();
    return advance();
  case phase::relaying:
    if (after(work_->join.expire()) == next::go_on) advance();
    return;
  case phase::tunnelling:
    upgraded_->join.expire();
    end_tunnel();
    return;
  case phase::local:
    x_->reason = end_reason::write_timeout;
    record();
    return close();
  case phase::handshake:
    shard_.metrics.count_handshake(wire_.io(), false);
    return close();
  case phase::discard:
  case phase::linger:
    return close();
  case phase::ended:
    return;
  }
}

const config::limit_settings& downstream_session::limits() const {
  if (x_ && x_->route.policy != nullptr) return x_->route.policy->limits;
  return shard_.config->snapshot->values.limits;
}

} // namespace weir::net
