// The actor system and its shards: everything that has a thread of its own, started and stopped as
// one.
#pragma once

#include "actors/shard.hpp"
#include "actors/system.hpp"
#include "base/result.hpp"

#include <caf/actor_system.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <thread>
#include <vector>

namespace weir::actors {

/// Owns the threads of a node. Life: create, spawn and set up, `start()`, `stop()`, destroy.
/// Belongs to the main thread. Handles to actors must be gone when it is destroyed.
class runtime {
public:
  /// Shards are made but do not run yet; `shards` 0 means one per core this process may use.
  static result<std::unique_ptr<runtime>> create(std::size_t shards);
  ~runtime();
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  caf::actor_system& system() { return *system_; }
  std::size_t shard_count() const { return shards_.size(); }
  shard& shard_at(std::size_t index) { return *shards_[index]; }
  std::span<const std::unique_ptr<shard>> shards() const { return shards_; }

  /// One thread per shard, with signals blocked: they belong to the main thread.
  void start();
  /// Ends the shards with all their actors and joins their threads; twice does no harm.
  void stop();
  /// Whether all actors but the pinned ones have ended: what the last step of the end waits for.
  bool plain_actors_ended() const;

private:
  runtime();

  system_config config_;
  std::unique_ptr<caf::actor_system> system_;
  std::vector<std::unique_ptr<shard>> shards_;
  std::vector<std::thread> threads_;
  bool stopped_ = false;
};

} // namespace weir::actors
