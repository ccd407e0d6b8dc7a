// Bounds and policies of a lane's outgoing queue.
#include "net/peer/lane_outbox.hpp"

#include <algorithm>

namespace weir::net {

lane_outbox::lane_outbox(lane which, lane_metrics& metrics, std::function<void()> wake)
    : rules_(rules_of(which)), metrics_(metrics), wake_(std::move(wake)) {}

send_result lane_outbox::push(std::string message, std::uint64_t key) {
  bool wake = false;
  auto outcome = send_result::queued;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return send_result::no_link;
    if (message.size() > rules_.message_bytes_max) {
      ++metrics_.refused;
      return send_result::too_big;
    }
    if (replace(message, key)) {
      outcome = send_result::coalesced;
    } else if (make_room(message.size())) {
      bytes_ += message.size();
      queue_.push_back({std::move(message), key});
    } else {
      ++metrics_.refused;
      outcome = send_result::full;
      if (rules_.when_full != full_policy::close_link) return outcome;
      closed_ = overflowed_ = true;
    }
    wake = asleep_ || overflowed_;
    asleep_ = false;
  }
  if (wake) wake_();
  return outcome;
}

/// A newer count in the older one's place, if there is one and it fits.
bool lane_outbox::replace(std::string& message, std::uint64_t key) {
  if (key == 0 || rules_.when_full != full_policy::drop_oldest) return false;
  auto old = std::ranges::find(queue_, key, &entry::key);
  if (old == queue_.end() || bytes_ - old->bytes.size() + message.size() > rules_.queue_bytes_max)
    return false;
  bytes_ += message.size() - old->bytes.size();
  old->bytes = std::move(message);
  ++metrics_.coalesced;
  return true;
}

bool lane_outbox::make_room(std::size_t needed) {
  if (rules_.when_full == full_policy::drop_oldest)
    while (!queue_.empty() && bytes_ + needed > rules_.queue_bytes_max) {
      bytes_ -= queue_.front().bytes.size();
      queue_.pop_front();
      ++metrics_.dropped;
    }
  return bytes_ + needed <= rules_.queue_bytes_max;
}

std::optional<std::string> lane_outbox::pop() {
  const std::lock_guard lock(mutex_);
  if (queue_.empty()) {
    asleep_ = true;
    return std::nullopt;
  }
  auto out = std::move(queue_.front().bytes);
  queue_.pop_front();
  bytes_ -= out.size();
  return out;
}

void lane_outbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

bool lane_outbox::overflowed() const {
  const std::lock_guard lock(mutex_);
  return overflowed_;
}

std::size_t lane_outbox::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

} // namespace weir::net
