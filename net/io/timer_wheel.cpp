// Hashed timer wheel: slot = tick modulo 4096, with a two-level bitmap to find the next used slot.
#include "net/io/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace weir::net {

void timer::expires_at(timer_wheel& wheel, steady_time deadline) {
  deadline_ = deadline;
  if (link_ && deadline >= look_at_) return;
  cancel();
  wheel.insert(*this);
}

void timer::cancel() {
  if (!link_) return;
  *link_ = next_;
  if (next_) next_->link_ = link_;
  next_ = nullptr;
  link_ = nullptr;
}

timer_wheel::~timer_wheel() {
  for (auto*& head : slots_)
    while (head)
      head->cancel();
}

void timer_wheel::advance(steady_time now) {
  const std::int64_t now_tick = (now - start_) / tick;
  // All that is due moves to a local list before the first target is called: a target may put
  // timers into the very slots that are being emptied, and after a long sleep a periodic one would
  // otherwise fire once for each tick that was missed.
  timer* due = nullptr;
  timer** tail = &due;
  for (auto next = next_tick(); next && *next <= now_tick; next = next_tick()) {
    tick_ = *next;
    tail = take_slot(static_cast<std::size_t>(tick_) % slot_count, tail);
  }
  tick_ = std::max(tick_, now_tick);
  try {
    fire(due);
  } catch (...) {
    while (due) // the rest fires at the next tick
      reinsert(*due);
    throw;
  }
}

void timer_wheel::fire(timer*& due) {
  while (due) {
    timer& which = *due;
    if (tick_after(which.deadline_) > tick_) {
      reinsert(which);
    } else {
      which.cancel();
      which.target_.on_timer(which);
    }
  }
}

void timer_wheel::reinsert(timer& which) {
  which.cancel();
  insert(which);
}

std::optional<steady_time> timer_wheel::next_deadline() const {
  const auto next = next_tick();
  if (!next) return std::nullopt;
  return start_ + *next * tick;
}

void timer_wheel::insert(timer& which) {
  const auto wanted = tick_after(which.deadline_);
  const auto last = tick_ + static_cast<std::int64_t>(slot_count) - 1;
  const auto at = std::clamp(wanted, tick_ + 1, last);
  const auto slot = static_cast<std::size_t>(at) % slot_count;
  // Within the slot's own tick a later deadline must move on to the next slot: hence the start.
  which.look_at_ = start_ + (at - 1) * tick + duration{1};
  which.next_ = slots_[slot];
  which.link_ = &slots_[slot];
  if (which.next_) which.next_->link_ = &which.next_;
  slots_[slot] = &which;
  used_[slot / word_bits] |= std::uint64_t{1} << slot % word_bits;
  used_words_ |= std::uint64_t{1} << slot / word_bits;
}

timer** timer_wheel::take_slot(std::size_t slot, timer** tail) {
  auto& word = used_[slot / word_bits];
  word &= ~(std::uint64_t{1} << slot % word_bits);
  if (word == 0) used_words_ &= ~(std::uint64_t{1} << slot / word_bits);
  *tail = std::exchange(slots_[slot], nullptr);
  if (*tail) (*tail)->link_ = tail;
  while (*tail)
    tail = &(*tail)->next_;
  return tail;
}

std::int64_t timer_wheel::tick_after(steady_time when) const {
  // Rounded up: a timer never fires before its deadline.
  const auto since = when - start_;
  return since <= duration::zero() ? 0 : (since - duration{1}) / tick + 1;
}

std::optional<std::int64_t> timer_wheel::next_tick() const {
  const auto here = static_cast<std::size_t>(tick_ + 1) % slot_count;
  auto slot = first_used(here);
  if (!slot) slot = first_used(0);
  if (!slot) return std::nullopt;
  const auto distance = (*slot + slot_count - here) % slot_count;
  return tick_ + 1 + static_cast<std::int64_t>(distance);
}

std::optional<std::size_t> timer_wheel::first_used(std::size_t from) const {
  const auto word = from / word_bits;
  if (const auto bits = used_[word] >> from % word_bits; bits != 0)
    return from + static_cast<std::size_t>(std::countr_zero(bits));
  const auto above = word + 1 == word_count ? 0 : used_words_ >> (word + 1) << (word + 1);
  if (above == 0) return std::nullopt;
  const auto next = static_cast<std::size_t>(std::countr_zero(above));
  return next * word_bits + static_cast<std::size_t>(std::countr_zero(used_[next]));
}

} // namespace weir::net
