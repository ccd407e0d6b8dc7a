// The node's cached objects as the data path wants them.
#pragma once

#include "base/metrics_registry.hpp"
#include "net/cache/object_store.hpp"
#include "storage/object_cache.hpp"

#include <mutex>

namespace weir::actors {

/// One per node, made before the shards run and destroyed after they have stopped; any thread.
class cache_store final : public net::object_store {
public:
  explicit cache_store(const storage::object_cache_options& options) : cache_(options) {}

  cache_key key_of(std::string_view key_text) const override { return cache_.key_of(key_text); }
  stored_object_ptr lookup_memory(const cache_key& key, std::string_view key_text) override {
    return cache_.lookup_memory(key, key_text);
  }
  disk_answer lookup_disk(const cache_key& key, std::string_view key_text,
                          disk_handler done) override {
    auto answer = cache_.lookup_disk(key, key_text, std::move(done));
    return {std::move(answer.object), answer.reading};
  }
  glimpse peek(const cache_key& key, std::string_view key_text) const override {
    auto seen = cache_.peek(key, key_text);
    return {std::move(seen.object), seen.reading};
  }
  void store(const stored_object_ptr& object) override { cache_.store(object); }
  void erase(const cache_key& key) override { cache_.erase(key); }
  holding holdings() const override;
  std::uint64_t object_max() const override { return cache_.object_max(); }

  /// Something is to be cached: opens the disk tier, the first time. REQUIRES: the process runs as
  /// whom it is to be.
  void want_disk();
  /// No request is left: writes what waits, in the background.
  void close();
  bool closed() const { return cache_.disk_closed(); }

  void collect(metrics_writer& out) const;

private:
  storage::object_cache cache_;
  std::once_flag opened_;
};

} // namespace weir::actors
