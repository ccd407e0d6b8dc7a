// A cache's store that keeps everything in a map and has no disk.
#pragma once

#include "base/sip_hash.hpp"
#include "net/cache/object_store.hpp"

#include <map>
#include <string>

namespace weir::test {

class map_store final : public net::object_store {
public:
  cache_key key_of(std::string_view key_text) const override { return sip_hash({}, key_text); }
  stored_object_ptr lookup_memory(const cache_key&, std::string_view key_text) override {
    const auto found = objects.find(key_text);
    return found == objects.end() ? nullptr : found->second;
  }
  disk_answer lookup_disk(const cache_key&, std::string_view, disk_handler) override { return {}; }
  glimpse peek(const cache_key&, std::string_view key_text) const override {
    const auto found = objects.find(key_text);
    return {found == objects.end() ? nullptr : found->second, false};
  }
  void store(const stored_object_ptr& object) override {
    objects.insert_or_assign(object->key_text(), object);
  }
  void erase(const cache_key& key) override {
    std::erase_if(objects, [&](const auto& each) { return each.second->key() == key; });
  }
  holding holdings() const override { return {}; }
  std::uint64_t object_max() const override { return std::uint64_t{64} << 20; }

  std::map<std::string, stored_object_ptr, std::less<>> objects;
};

} // namespace weir::test
