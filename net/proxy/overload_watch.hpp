// Looks at a shard's load a few times a second and tells its sessions.
#pragma once

#include "base/process_load.hpp"
#include "net/proxy/overload.hpp"
#include "net/proxy/shard_services.hpp"

namespace weir::net {

/// Sets `shard.shedding`. Lives on its shard from `start` on.
class overload_watch final : public timer_target {
public:
  static constexpr duration every = 250ms;

  explicit overload_watch(shard_services& shard) : shard_(shard) {
    shard_.descriptor_reserve = load_.reserve_begins();
  }
  void start();

private:
  void on_timer(timer& which) override;

  shard_services& shard_;
  process_load load_;
  overload state_;
  timer timer_{*this};
};

} // namespace weir::net
