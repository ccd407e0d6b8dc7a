// What the callers see of the disk tier: queues and the index, never the disk.
#include "storage/disk_cache.hpp"

#include <algorithm>
#include <utility>

namespace weir::storage {

namespace {

/// Objects waiting to be written. A cache may forget: more is not stored.
constexpr std::uint64_t queue_bytes_max = 64u << 20;
/// So that one object never takes the queue for itself.
constexpr std::uint64_t object_bytes_max = queue_bytes_max / 2;
/// With more keys to erase than this, everything is erased.
constexpr std::uint64_t erases_max = 256u << 10;
/// Reads waiting for the two readers; at a tenth of a millisecond each.
constexpr std::size_t reads_max = 1024;
/// An object that would take more than this part of the budget is not stored.
constexpr std::uint64_t object_share = 8;

std::int64_t wall_seconds(const clock_source& clock) {
  return std::chrono::system_clock::to_time_t(clock.wall());
}

} // namespace

disk_cache::disk_cache(disk_cache_options options)
    : options_(std::move(options)), queue_({.bytes = queue_bytes_max, .erases = erases_max}) {}

disk_cache::~disk_cache() {
  abandoned_ = true;
  close();
  for (auto* each : {&writer_, &readers_[0], &readers_[1]})
    if (each->joinable()) each->join();
}

void disk_cache::open() {
  {
    const std::lock_guard held(mutex_);
    state_ = disk_state::opening;
  }
  writer_ = std::thread([this] { run_writer(); });
  for (auto& each : readers_)
    each = std::thread([this] { run_reader(); });
}

void disk_cache::close() {
  {
    const std::lock_guard held(mutex_);
    closing_ = true;
    if (state_ == disk_state::idle) state_ = disk_state::closed;
    cancel_reclaim_ = true;
  }
  writer_wakes_.notify_all();
  reader_wakes_.notify_all();
}

bool disk_cache::closed() const {
  const std::lock_guard held(mutex_);
  return state_ == disk_state::closed;
}

disk_lookup disk_cache::lookup(const cache_key& key, std::string_view key_text, read_handler done) {
  const auto now = wall_seconds(options_.clock);
  const std::lock_guard held(mutex_);
  auto seen = glance(key, key_text, now);
  if (!seen.reading) return seen;
  if (reads_.size() >= reads_max) {
    ++stats_.reads_refused;
    return {};
  }
  index_.mark_used(key);
  reads_.push_back({key, std::string(key_text), std::move(done)});
  reader_wakes_.notify_one();
  return seen;
}

disk_lookup disk_cache::peek(const cache_key& key, std::string_view key_text) const {
  const auto now = wall_seconds(options_.clock);
  const std::lock_guard held(mutex_);
  return glance(key, key_text, now);
}

/// What is known without a read; `reading`: it takes one.
disk_lookup disk_cache::glance(const cache_key& key, std::string_view key_text,
                               std::int64_t now) const {
  if (auto waiting = queue_.find(key); waiting.what != write_queue::answer::unknown) {
    if (waiting.object && waiting.object->key_text() != key_text) waiting.object = nullptr;
    return {std::move(waiting.object), false};
  }
  if (!readable() || closing_) return {};
  const auto* facts = index_.find(key);
  return {nullptr, facts != nullptr && facts->expires > now};
}

void disk_cache::store(const stored_object_ptr& object) {
  const std::lock_guard held(mutex_);
  auto* skipped = reason_to_skip(*object);
  if (skipped == nullptr && !queue_.store(object)) skipped = &stats_.skipped_queue;
  if (skipped != nullptr) {
    ++*skipped;
    forget(object->key()); // the disk may have an older one
  }
  writer_wakes_.notify_one();
}

/// The counter of why `object` is not to be stored, or null.
std::uint64_t* disk_cache::reason_to_skip(const stored_object& object) {
  if ((state_ != disk_state::opening && state_ != disk_state::up) || closing_)
    return &stats_.skipped_down;
  if (object.charge() > std::min(object_bytes_max, byte_limit() / object_share) ||
      object.body_bytes() > disk_body_max)
    return &stats_.skipped_size;
  return full_ ? &stats_.skipped_space : nullptr;
}

/// What the records may add up to. The rest is for what RocksDB keeps of them after they were
/// deleted, and for its logs.
std::uint64_t disk_cache::byte_limit() const {
  return options_.bytes / 5 * 4;
}

void disk_cache::erase(const cache_key& key) {
  const std::lock_guard held(mutex_);
  forget(key);
  writer_wakes_.notify_one();
}

void disk_cache::forget(const cache_key& key) {
  if (state_ == disk_state::closed) return;
  const bool known = queue_.find(key).what != write_queue::answer::unknown;
  if (!known && readable() && index_.find(key) == nullptr) return;
  if (!queue_.erase(key)) want_wipe();
}

void disk_cache::clear() {
  const std::lock_guard held(mutex_);
  want_wipe();
  writer_wakes_.notify_one();
}

void disk_cache::want_wipe() {
  if (state_ == disk_state::closed) return;
  wipe_ = true;
  ++wipes_;
  queue_.clear();
  wiped_ = std::exchange(index_, {});
  warm_.clear();
}

disk_cache_stats disk_cache::stats() const {
  const std::lock_guard held(mutex_);
  auto out = stats_;
  out.state = state_;
  out.objects = index_.objects();
  out.queue_bytes = queue_.bytes();
  out.queue_writes = queue_.size();
  return out;
}

} // namespace weir::storage
