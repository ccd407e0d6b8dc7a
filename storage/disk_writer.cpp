// The disk tier's writer: opens the database, writes in batches, keeps the budget, and tries again
// after a failure.
#include "storage/disk_cache.hpp"

#include "base/backoff.hpp"
#include "base/log.hpp"
#include "storage/errc.hpp"

#include <sys/statvfs.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace weir::storage {

namespace {

/// One batch: large enough to share its cost, small enough not to hold up a commit for long.
constexpr std::uint64_t batch_bytes = 4u << 20;
constexpr duration retry_most = std::chrono::seconds(60);
constexpr duration save_interval = std::chrono::seconds(60);
/// Every entry of the index is looked at about once in this many looks, but not so many at once
/// that lookups wait for it.
constexpr std::size_t sweep_looks = 60;
constexpr std::size_t sweep_least = 256;
constexpr std::size_t sweep_most = 4096;

/// Bytes that an ordinary user may still take on the folder's file system, if that can be told.
std::optional<std::uint64_t> free_bytes(const std::string& folder) {
  struct statvfs answer {};
  if (::statvfs(folder.c_str(), &answer) != 0) return std::nullopt;
  return std::uint64_t{answer.f_bavail} * answer.f_frsize;
}

} // namespace

void disk_cache::run_writer() {
  backoff waits({.first = options_.first_retry, .most = retry_most});
  random_source random(seed_from_system());
  for (;;) {
    problem_ = {};
    const auto began = options_.clock.steady();
    if (auto db = open_database(); db && begin_serving(std::move(db))) serve();
    stop_serving();
    const auto wait = *waits.failed(began, options_.clock.steady(), random);
    lock held(mutex_);
    if (problem_ && !closing_) went_down(wait);
    if (!closing_) writer_wakes_.wait_for(held, wait, [this] { return closing_; });
    if (closing_) break;
  }
  // What was to be erased and could not be must not come back.
  lock held(mutex_);
  const bool outdated =
      (problem_ || abandoned_) && problem_ != errc::locked && (wipe_ || queue_.erases() > 0);
  held.unlock();
  if (outdated) cache_db::discard(options_.folder);
  held.lock();
  state_ = disk_state::closed;
  queue_.clear();
  reader_wakes_.notify_all();
}

/// Says so once, not at every try.
void disk_cache::went_down(duration wait) {
  ++stats_.errors;
  if (std::exchange(state_, disk_state::down) == disk_state::down) return;
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(wait).count();
  log::event("cache_disk_down", {{"reason", problem_}, {"retry_ms", ms}}, log::level::warning);
}

bool disk_cache::check(const result<void>& done) {
  if (!done) problem_ = done.error();
  return done.has_value();
}

// -- opening

std::unique_ptr<cache_db> disk_cache::open_database() {
  const cache_db_options options{options_.folder, options_.bytes, options_.secret, options_.env};
  auto opened = cache_db::open(options);
  if (!opened && (opened.error() == errc::corrupt || opened.error() == errc::newer_format)) {
    log::event("cache_disk_discarded", {{"reason", opened.error()}}, log::level::warning);
    cache_db::discard(options_.folder);
    opened = cache_db::open(options);
  }
  if (opened) return std::move(*opened);
  problem_ = opened.error();
  return nullptr;
}

bool disk_cache::begin_serving(std::unique_ptr<cache_db> db) {
  using entry = std::pair<cache_key, disk_facts>;
  const auto began = options_.clock.steady();
  std::vector<entry> entries;
  if (!check(db->load([&](const cache_key& key, const disk_facts& facts) {
        entries.emplace_back(key, facts);
      })))
    return false;
  auto hot = db->hot_keys();
  if (!hot) {
    problem_ = hot.error();
    return false;
  }
  std::ranges::sort(entries, {}, [](const entry& each) { return each.second.stamp; });
  disk_index index; // filled before anybody has to wait for it
  for (const auto& [key, facts] : entries)
    index.put(key, facts);
  lock held(mutex_);
  if (!wipe_) {
    index_ = std::move(index);
    warm_.assign(hot->begin(), hot->end());
  }
  next_stamp_ = entries.empty() ? 1 : entries.back().second.stamp + 1;
  db_ = std::move(db);
  state_ = disk_state::up;
  changed_ = true;
  next_look_ = next_save_ = {};
  reader_wakes_.notify_all();
  const auto took = options_.clock.steady() - began;
  log::event("cache_disk_up",
             {{"objects", index_.objects()},
              {"bytes", index_.bytes()},
              {"ms", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()}});
  return true;
}

void disk_cache::stop_serving() {
  lock held(mutex_);
  // Not down yet: went_down() says so, if it is not the end.
  const auto db = std::exchange(db_, nullptr);
  const auto index = std::exchange(index_, {});
  warm_.clear();
  reads_ended_.wait(held, [this] { return active_reads_ == 0; });
  held.unlock(); // closing the database takes a while, and freeing the index
}

// -- serving

/// Until all is written and the cache closes, or the disk fails.
void disk_cache::serve() {
  next_look_ = options_.clock.steady();
  next_save_ = next_look_ + save_interval;
  lock held(mutex_);
  for (;;) {
    if (abandoned_) return;
    if (wipe_ && !wipe_now(held)) return;
    if (!queue_.empty() && !write_some(held)) return;
    if (closing_ && queue_.empty() && !wipe_) break;
    if (options_.clock.steady() >= next_look_ && !look_around(held)) return;
    writer_wakes_.wait_for(held, options_.tick,
                           [this] { return !queue_.empty() || wipe_ || closing_; });
  }
  save_hottest(held);
}

bool disk_cache::write_some(lock& held) {
  struct planned {
    disk_write write;
    disk_facts facts;
    std::optional<disk_facts> before;
  };
  const auto wipes = wipes_;
  std::vector<planned> plan;
  std::uint64_t incoming = 0;
  bool erases = false;
  for (auto& write : queue_.take(batch_bytes)) {
    plan.push_back({std::move(write), {}, {}});
    auto& last = plan.back();
    if (last.write.object) last.facts = facts_of(*last.write.object, next_stamp_++);
    incoming += last.facts.bytes;
    erases |= !last.write.object;
  }
  std::vector<disk_victim> victims;
  index_.shrink(byte_limit() - std::min(byte_limit(), incoming),
                options_.objects_max - std::min(options_.objects_max, plan.size()), options_.hot,
                victims);
  stats_.evicted_space += victims.size();
  for (auto& each : plan)
    if (const auto* there = index_.find(each.write.key)) each.before = *there;
  const auto db = db_;
  held.unlock();
  cache_db::batch batch(*db);
  for (const auto& victim : victims)
    batch.erase(victim.key, victim.segments);
  for (const auto& each : plan) {
    const auto* before = each.before ? &*each.before : nullptr;
    if (each.write.object)
      batch.put(*each.write.object, each.facts, before);
    else
      batch.erase(each.write.key, before == nullptr ? std::uint8_t{0} : before->segments);
  }
  const bool done = check(db->write(batch, erases));
  held.lock();
  changed_ = true;
  for (const auto& each : plan) {
    if (!done) {
      if (!queue_.failed(each.write)) want_wipe();
      continue;
    }
    queue_.done(each.write);
    stats_.written += each.write.object ? 1 : 0;
    if (wipes != wipes_) continue;
    if (each.write.object)
      index_.put(each.write.key, each.facts);
    else
      index_.erase(each.write.key);
  }
  return done;
}

/// Once a tick: space, budget, expired objects, the hot list.
bool disk_cache::look_around(lock& held) {
  const auto now = options_.clock.steady();
  next_look_ = now + options_.tick;
  if (!measure(held)) return false;
  std::vector<disk_victim> expired;
  index_.sweep(std::chrono::system_clock::to_time_t(options_.clock.wall()),
               std::clamp(index_.objects() / sweep_looks, sweep_least, sweep_most), expired);
  stats_.evicted_expired += expired.size();
  if (!delete_records(held, expired)) return false;
  if (now < next_save_) return true;
  next_save_ = now + save_interval;
  return save_hottest(held);
}

bool disk_cache::measure(lock& held) {
  const auto db = db_;
  const bool changed = std::exchange(changed_, false);
  held.unlock();
  const auto free = free_bytes(options_.folder);
  const auto size = changed ? std::optional(db->disk_bytes()) : std::nullopt;
  held.lock();
  if (size) stats_.bytes = *size;
  const bool crowded = stats_.bytes > options_.bytes;
  full_ = crowded || (free && *free < options_.free_floor);
  return !crowded || shrink_now(held);
}

/// RocksDB gives back the space of what was deleted in its own time, and has used up the headroom:
/// nothing is stored until it is below the budget again.
bool disk_cache::shrink_now(lock& held) {
  std::vector<disk_victim> victims;
  index_.shrink(index_.bytes() / 4 * 3, options_.objects_max, options_.hot, victims);
  stats_.evicted_space += victims.size();
  if (!delete_records(held, victims)) return false;
  const auto db = db_;
  held.unlock();
  const bool done = check(db->reclaim(cancel_reclaim_));
  held.lock();
  changed_ = true;
  next_look_ = {}; // measured again at once
  return done;
}

bool disk_cache::delete_records(lock& held, const std::vector<disk_victim>& victims) {
  if (victims.empty()) return true;
  const auto db = db_;
  held.unlock();
  cache_db::batch batch(*db);
  for (const auto& victim : victims)
    batch.erase(victim.key, victim.segments);
  const bool done = check(db->write(batch, false));
  held.lock();
  changed_ = true;
  return done;
}

bool disk_cache::wipe_now(lock& held) {
  reads_ended_.wait(held, [this] { return active_reads_ == 0; });
  const auto db = db_;
  auto wiped = std::exchange(wiped_, {});
  held.unlock();
  wiped.clear();
  const bool done = check(db->wipe());
  held.lock();
  changed_ = true;
  if (done) wipe_ = false; // nothing was written since, however often it was asked for
  return done;
}

bool disk_cache::save_hottest(lock& held) {
  const auto db = db_;
  held.unlock();
  const bool done = check(db->save_hot_keys(options_.hottest()));
  held.lock();
  return done;
}

} // namespace weir::storage
