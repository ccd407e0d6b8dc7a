// What everything on one shard shares: its loop, memory, counters, log and configuration.
#pragma once

#include "base/access_log.hpp"
#include "base/random.hpp"
#include "base/slab.hpp"
#include "net/encode/coded_file_cache.hpp"
#include "net/encode/encoder_pool.hpp"
#include "net/files/static_files.hpp"
#include "net/io/buffer_pool.hpp"
#include "net/io/event_loop.hpp"
#include "net/limit/ban_set.hpp"
#include "net/proxy/correlation.hpp"
#include "net/proxy/exchange_arena.hpp"
#include "net/proxy/handshake_budget.hpp"
#include "net/proxy/overload.hpp"
#include "net/proxy/runtime_config.hpp"
#include "net/proxy/shard_clock.hpp"
#include "net/proxy/shard_metrics.hpp"

#include <cstdint>
#include <limits>
#include <memory>

namespace weir::net {

class login_desk;
struct session_work;

/// One per shard; outlives every session and pool of it. Touched by the shard's thread only.
struct shard_services {
  event_loop& loop;
  buffer_pool& buffers;
  exchange_arena& exchanges;
  slab_pool<session_work>& works;
  shard_metrics& metrics;
  random_source& random;
  shard_clock& clock;
  static_files& files;
  access_log::channel* log = nullptr;                     // null: off
  std::shared_ptr<const runtime_config> config = nullptr; // for requests that begin now
  route_metrics_index routes = {};                        // of `config`
  std::shared_ptr<const ban_set> bans = nullptr;          // null: nobody is banned
  bool draining = false; // connections end after the answer they wait for
  encoder_pool encoders{};
  coded_file_cache coded_files{};
  unique_ids ids = unique_ids_from_system();
  login_desk* logins = nullptr; // the shard's; null only where nobody needs a password (tests)
  overload_reason shedding = overload_reason::none; // new requests are turned away: 503
  handshake_budget handshakes{};
  std::uint64_t descriptor_reserve = std::numeric_limits<std::uint64_t>::max(); // not for clients
};

} // namespace weir::net
