// The tiers as one.
#include "storage/object_cache.hpp"

#include <utility>

namespace weir::storage {

object_cache::object_cache(const object_cache_options& options)
    : secret_(options.secret), memory_({.bytes = options.memory_bytes}) {}

object_cache::~object_cache() = default;

cache_key object_cache::key_of(std::string_view key_text) const {
  return sip_hash(secret_, key_text);
}

stored_object_ptr object_cache::lookup_memory(const cache_key& key, std::string_view key_text) {
  return memory_.find(key, key_text);
}

disk_lookup object_cache::lookup_disk(const cache_key&, std::string_view, const read_handler&) {
  return {};
}

void object_cache::store(const stored_object_ptr& object) {
  memory_.put(object);
}

void object_cache::erase(const cache_key& key) {
  memory_.erase(key);
}

std::size_t object_cache::erase_if(const std::function<bool(const stored_object&)>& unwanted) {
  return memory_.erase_if(unwanted);
}

void object_cache::clear() {
  memory_.clear();
}

std::uint64_t object_cache::object_max() const {
  return memory_.object_max();
}

} // namespace weir::storage
