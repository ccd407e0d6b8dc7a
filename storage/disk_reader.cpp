// The disk tier's readers: lookups first, and what was hot before the restart when nothing else is
// to do.
#include "storage/disk_cache.hpp"

#include <utility>

namespace weir::storage {

void disk_cache::run_reader() {
  lock held(mutex_);
  for (;;) {
    reader_wakes_.wait(held, [this] {
      return !reads_.empty() || state_ == disk_state::closed || (!warm_.empty() && readable());
    });
    if (!reads_.empty()) {
      auto next = std::move(reads_.front());
      reads_.pop_front();
      read_one(held, std::move(next), false);
    } else if (state_ == disk_state::closed) {
      return;
    } else {
      const auto key = warm_.front();
      warm_.pop_front();
      read_one(held, {key, {}, {}}, true);
    }
  }
}

void disk_cache::read_one(lock& held, pending_read next, bool warm) {
  stored_object_ptr object;
  if (const auto* found = index_.find(next.key); readable() && found != nullptr) {
    const auto facts = *found;
    const auto wipes = wipes_;
    const auto db = db_;
    ++active_reads_;
    held.unlock();
    auto read = db->read(next.key, facts);
    held.lock();
    if (!read) ++stats_.errors;
    object = still_valid(next.key, facts.stamp, wipes, read ? std::move(*read) : nullptr);
    --active_reads_;
    reads_ended_.notify_all();
  }
  if (object && !warm && object->key_text() != next.key_text) object = nullptr;
  if (object && !options_.promote(object, warm) && warm) warm_.clear();
  if (warm) {
    index_.mark_used(next.key);
    return;
  }
  ++(object ? stats_.read_hits : stats_.read_misses);
  held.unlock();
  next.done(std::move(object));
  next = {}; // what the handler holds may be long to destroy
  held.lock();
}

/// What was read, if nothing happened to the key meanwhile; else what is known now.
stored_object_ptr disk_cache::still_valid(const cache_key& key, std::uint64_t stamp,
                                          std::uint64_t wipes, stored_object_ptr object) {
  if (auto wish = queue_.find(key); wish.what != write_queue::answer::unknown) return wish.object;
  const auto* facts = index_.find(key);
  if (wipes != wipes_ || !readable() || facts == nullptr || facts->stamp != stamp) return nullptr;
  if (!object) {
    forget(key); // its records are damaged
    writer_wakes_.notify_one();
  }
  return object;
}

} // namespace weir::storage
