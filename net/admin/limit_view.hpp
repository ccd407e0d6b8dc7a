// What the admin API shows of rate limits and bans.
#pragma once

#include "base/clock.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weir::net {

/// One limit of the configuration in force. Totals count since the process started.
struct limit_status {
  std::string name;
  std::vector<std::string> key;  // "ip", "header:X-Api-Key"
  std::string rate;              // "60/min"; empty: none
  std::uint64_t burst = 0;       // 0: no rate
  std::uint32_t concurrency = 0; // 0: any number
  bool misses = false;
  bool dry_run = false;
};

/// A key that is not as good as new.
struct limited_key_status {
  std::string limit;
  std::string key;
  std::int64_t remaining = 0;
  std::uint32_t under_way = 0;
  duration full_in{};
};

struct limits_status {
  std::vector<limit_status> limits;
  std::vector<limited_key_status> keys; // the emptiest buckets first
  std::uint64_t slots_used = 0;
  std::uint64_t slots_total = 0;
};

struct ban_status {
  std::string network;
  wall_time since{};
  wall_time until{};
  bool automatic = false;
  std::string reason;
};

} // namespace weir::net
