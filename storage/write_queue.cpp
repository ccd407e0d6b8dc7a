// The latest wish for each key.
#include "storage/write_queue.hpp"

#include <utility>

namespace weir::storage {

bool write_queue::store(const stored_object_ptr& object) {
  const auto there = wishes_.find(object->key());
  const bool replaces = there != wishes_.end() && there->second.object;
  const auto freed = replaces ? there->second.object->charge() : 0;
  if (bytes_ - freed + object->charge() > most_.bytes) return false;
  want(object->key(), object);
  return true;
}

bool write_queue::erase(const cache_key& key) {
  const auto there = wishes_.find(key);
  if (there == wishes_.end() && erases() >= most_.erases) return false;
  want(key, nullptr);
  return true;
}

void write_queue::want(const cache_key& key, stored_object_ptr object) {
  auto& wanted = wishes_[key];
  if (wanted.object) {
    bytes_ -= wanted.object->charge();
    --objects_;
  }
  if (object) {
    bytes_ += object->charge();
    ++objects_;
  }
  wanted.object = std::move(object);
  wanted.ticket = ++tickets_;
  if (!std::exchange(wanted.queued, true)) order_.push_back(key);
}

write_queue::found write_queue::find(const cache_key& key) const {
  const auto there = wishes_.find(key);
  if (there == wishes_.end()) return {};
  return {there->second.object ? answer::stored : answer::erased, there->second.object};
}

std::vector<disk_write> write_queue::take(std::uint64_t bytes) {
  constexpr std::size_t writes_max = 256;
  std::vector<disk_write> out;
  std::uint64_t taken = 0;
  while (!order_.empty() && taken < bytes && out.size() < writes_max) {
    const auto key = order_.front();
    order_.pop_front();
    auto& wanted = wishes_.at(key);
    wanted.queued = false;
    out.push_back({key, wanted.object, wanted.ticket});
    if (wanted.object) taken += wanted.object->charge();
  }
  return out;
}

void write_queue::done(const disk_write& write) {
  const auto there = wishes_.find(write.key);
  if (there == wishes_.end() || there->second.ticket != write.ticket) return;
  if (write.object) {
    bytes_ -= write.object->charge();
    --objects_;
  }
  wishes_.erase(there);
}

bool write_queue::failed(const disk_write& write) {
  const auto there = wishes_.find(write.key);
  if (there == wishes_.end() || there->second.ticket != write.ticket) return true;
  done(write);
  return erase(write.key);
}

void write_queue::clear() {
  wishes_.clear();
  order_.clear();
  bytes_ = objects_ = 0;
}

} // namespace weir::storage
