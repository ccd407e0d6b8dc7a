// The door to the ban keeper: for shards that notice, operators that order, and pages that show.
#pragma once

#include "actors/ban_keeper.hpp"
#include "config/settings.hpp"
#include "net/limit/request_limit.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>

namespace weir::storage {
class state_store;
} // namespace weir::storage

namespace weir::actors {

/// One per node; outlives shards and admin API. Thread-safe. The keeper's handle changes when the
/// watcher starts a new one.
class ban_desk {
public:
  void set(ban_keeper_actor now);
  const std::shared_ptr<ban_board>& board() const { return board_; }

  /// A client that `last` and others refused too often. From any shard; does not wait.
  void notice(const ip_address& client, const config::ban_rule& rule,
              const net::request_limit& last) const;
  /// `wanted.then` is called on the keeper's thread.
  void order(ban_order wanted) const;

private:
  std::shared_ptr<ban_board> board_ = std::make_shared<ban_board>();
  mutable std::mutex mutex_; // guards keeper_
  ban_keeper_actor keeper_;
};

/// What the keeper needs to remember bans in that store.
ban_keeper_options keep_bans_in(std::shared_ptr<storage::state_store> store,
                                std::shared_ptr<ban_board> board);

} // namespace weir::actors
