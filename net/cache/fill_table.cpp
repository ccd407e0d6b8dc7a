// Leaders, waiters and marks, striped by key.
#include "net/cache/fill_table.hpp"

#include <algorithm>

namespace weir::net {

fill_ticket& fill_ticket::operator=(fill_ticket&& other) noexcept {
  if (this == &other) return *this;
  settle(fill_end::failed, {});
  table_ = std::exchange(other.table_, nullptr);
  key_ = std::move(other.key_);
  return *this;
}

fill_ticket::~fill_ticket() {
  settle(fill_end::failed, {});
}

void fill_ticket::settle(fill_end how, steady_time now) {
  if (auto* table = std::exchange(table_, nullptr)) table->settle(key_, how, now);
}

void fill_ticket::release_waiters() {
  if (table_ != nullptr) table_->release(key_);
}

fill_turn fill_table::begin(std::string_view key, bool may_lead, fill_waiter& who, steady_time now,
                            fill_ticket& leader) {
  auto& part = stripe_of(key);
  const std::lock_guard lock(part.mutex);
  const auto found = part.fills.find(key);
  const bool known = found != part.fills.end();
  const auto turn = turn_of(known ? &found->second : nullptr, may_lead, now);
  if (turn == fill_turn::wait) {
    auto& waiting = found->second.waiting;
    if (std::find(waiting.begin(), waiting.end(), &who) == waiting.end()) waiting.push_back(&who);
  }
  if (turn != fill_turn::lead) return turn;
  if (!known) make_room(part.fills, now);
  part.fills[std::string(key)].under_way = true; // a mark there was is over
  leader = fill_ticket(*this, std::string(key));
  return turn;
}

fill_turn fill_table::foresee(std::string_view key, bool may_lead, steady_time now) {
  auto& part = stripe_of(key);
  const std::lock_guard lock(part.mutex);
  const auto found = part.fills.find(key);
  return turn_of(found == part.fills.end() ? nullptr : &found->second, may_lead, now);
}

/// `fill` is null when nobody fetches the key and it has no mark.
fill_turn fill_table::turn_of(const entry* fill, bool may_lead, steady_time now) {
  if (fill != nullptr) {
    if (fill->released || fill->alone_until > now) return fill_turn::alone;
    if (fill->under_way) return fill_turn::wait;
  }
  return may_lead ? fill_turn::lead : fill_turn::alone;
}

void fill_table::unmark(std::string_view key) {
  auto& part = stripe_of(key);
  const std::lock_guard lock(part.mutex);
  const auto found = part.fills.find(key);
  if (found != part.fills.end() && !found->second.under_way) part.fills.erase(found);
}

void fill_table::settle(const std::string& key, fill_end how, steady_time now) {
  std::vector<fill_waiter*> waiting;
  auto& part = stripe_of(key);
  {
    const std::lock_guard lock(part.mutex);
    const auto found = part.fills.find(key);
    if (found == part.fills.end()) return;
    waiting = std::move(found->second.waiting);
    if (how == fill_end::not_shared)
      found->second = {
          .under_way = false, .released = false, .alone_until = now + mark_for, .waiting = {}};
    else
      part.fills.erase(found);
  }
  for (auto* each : waiting)
    each->on_settled(key);
}

void fill_table::release(const std::string& key) {
  std::vector<fill_waiter*> waiting;
  auto& part = stripe_of(key);
  {
    const std::lock_guard lock(part.mutex);
    const auto found = part.fills.find(key);
    if (found == part.fills.end() || !found->second.under_way) return;
    found->second.released = true;
    waiting = std::move(found->second.waiting);
  }
  for (auto* each : waiting)
    each->on_settled(key);
}

std::size_t fill_table::entries() {
  std::size_t sum = 0;
  for (auto& part : stripes_) {
    const std::lock_guard lock(part.mutex);
    sum += part.fills.size();
  }
  return sum;
}

/// Marks that are over go; when too many are not, all of them do: a new look costs one request
/// each.
void fill_table::make_room(map& fills, steady_time now) {
  if (fills.size() < marks_max / stripe_count) return;
  std::erase_if(fills, [&](const auto& each) {
    return !each.second.under_way && each.second.alone_until <= now;
  });
  if (fills.size() < marks_max / stripe_count) return;
  std::erase_if(fills, [](const auto& each) { return !each.second.under_way; });
}

} // namespace weir::net
