// The store that the cache keeps its objects in, as the data path sees it: implemented by the
// actors.
#pragma once

#include "base/stored_object.hpp"

#include <cstdint>
#include <functional>
#include <string_view>

namespace weir::net {

/// One per node; any thread; nothing here waits. What goes wrong in it is a miss.
class object_store {
public:
  virtual ~object_store() = default;

  virtual cache_key key_of(std::string_view key_text) const = 0;
  /// What memory holds, or null.
  virtual stored_object_ptr lookup_memory(const cache_key& key, std::string_view key_text) = 0;

  struct disk_answer {
    stored_object_ptr object; // known at once; or null
    bool reading = false;     // `done` will be called, once, on any thread
  };
  using disk_handler = std::function<void(stored_object_ptr)>;
  virtual disk_answer lookup_disk(const cache_key& key, std::string_view key_text,
                                  disk_handler done) = 0;
  struct glimpse {
    stored_object_ptr object; // or null
    bool on_disk = false;     // there may be one, which only a read would show
  };
  /// What a lookup would find, without being a use of it and without a read.
  virtual glimpse peek(const cache_key& key, std::string_view key_text) const = 0;
  virtual void store(const stored_object_ptr& object) = 0;
  virtual void erase(const cache_key& key) = 0;
  struct holding {
    std::uint64_t memory_bytes = 0;
    std::uint64_t memory_objects = 0;
    std::uint64_t disk_bytes = 0;
    std::uint64_t disk_objects = 0;
  };
  virtual holding holdings() const = 0;
  /// The largest object worth collecting, in bytes.
  virtual std::uint64_t object_max() const = 0;
};

} // namespace weir::net
