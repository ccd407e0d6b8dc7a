// The tiers as one.
#include "storage/object_cache.hpp"

#include "base/atomic_file.hpp"
#include "base/random.hpp"
#include "storage/disk_record.hpp"

#include <algorithm>
#include <utility>

namespace weir::storage {

namespace {

/// How many objects come back to memory at a start, at most.
constexpr std::size_t hot_keys_max = 10'000;
/// The disk's index may take this part of what the memory tier may.
constexpr std::uint64_t index_part = 4;
constexpr std::uint64_t index_entry_bytes = 80;
constexpr std::uint64_t indexed_min = 100'000;

} // namespace

object_cache::object_cache(const object_cache_options& options)
    : secret_(options.secret), memory_({.bytes = options.memory_bytes}) {
  if (options.disk_bytes == 0) return;
  const auto objects = options.memory_bytes / index_part / index_entry_bytes;
  disk_cache_options disk{
      .folder = options.folder,
      .bytes = options.disk_bytes,
      .objects_max = std::max(indexed_min, objects),
      .free_floor = options.free_floor,
      .secret = options.secret,
      .hot = [this](const cache_key& key) { return memory_.holds(key); },
      .promote = [this](const stored_object_ptr& object,
                        bool warm) { return promote(object, warm); },
      .hottest = [this] { return memory_.hottest(hot_keys_max); },
      .clock = options.clock,
  };
  disk_ = std::make_unique<disk_cache>(std::move(disk));
}

object_cache::~object_cache() = default;

cache_key object_cache::key_of(std::string_view key_text) const {
  return sip_hash(secret_, key_text);
}

stored_object_ptr object_cache::lookup_memory(const cache_key& key, std::string_view key_text) {
  return memory_.find(key, key_text);
}

disk_lookup object_cache::lookup_disk(const cache_key& key, std::string_view key_text,
                                      read_handler done) {
  if (!disk_) return {};
  return disk_->lookup(key, key_text, std::move(done));
}

disk_lookup object_cache::peek(const cache_key& key, std::string_view key_text) const {
  if (auto held = memory_.peek(key, key_text)) return {std::move(held), false};
  return disk_ ? disk_->peek(key, key_text) : disk_lookup{};
}

/// Brought back unasked, an object must not push out what somebody asked for: that is enough then.
bool object_cache::promote(const stored_object_ptr& object, bool warm) {
  const bool room = memory_.bytes() + object->charge() <= memory_.budget();
  if (!warm || room) memory_.put_if_absent(object, warm);
  return room;
}

/// The disk first, here and below: from then on no reader brings anything older to memory, and what
/// one brought before is replaced.
void object_cache::store(const stored_object_ptr& object) {
  if (disk_) disk_->store(object);
  memory_.put(object);
}

void object_cache::erase(const cache_key& key) {
  if (disk_) disk_->erase(key);
  memory_.erase(key);
}

std::size_t object_cache::erase_if(const std::function<bool(const stored_object&)>& unwanted) {
  return memory_.erase_if(unwanted);
}

void object_cache::clear() {
  if (disk_) disk_->clear();
  memory_.clear();
}

std::uint64_t object_cache::object_max() const {
  return memory_.object_max();
}

void object_cache::open_disk() {
  if (disk_) disk_->open();
}

void object_cache::close_disk() {
  if (disk_) disk_->close();
}

bool object_cache::disk_closed() const {
  return !disk_ || disk_->closed();
}

cache_key load_cache_secret(const std::string& path) {
  if (const auto bytes = read_small_file(path))
    if (const auto secret = decode_facts_key(*bytes)) return *secret;
  const cache_key made{seed_from_system(), seed_from_system()};
  // Not kept: then the next start finds a cache that it cannot use, and begins anew.
  (void)write_file_atomically(path, facts_key(made));
  return made;
}

} // namespace weir::storage
