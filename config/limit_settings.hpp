// Rate limits and bans as plain values. Part of settings.hpp.
#pragma once

#include "base/units.hpp"
#include "config/address_settings.hpp"
#include "config/defaults.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace weir::config {

/// What a part of a limit's key is taken from.
enum class limit_key_kind : std::uint8_t { ip, host, path, header, cookie, query, all };

struct limit_key_part {
  limit_key_kind kind = limit_key_kind::ip;
  std::string name; // of the header, cookie or query parameter
  bool operator==(const limit_key_part&) const = default;
};

enum class limit_count : std::uint8_t {
  all,    // every request
  misses, // only those that the cache does not answer
};

/// One limit of a site or a route. `rate`, `concurrency` or both are given.
struct rate_limit_settings {
  std::string name; // in metrics and fields; empty: made of site, route and number
  std::vector<limit_key_part> key = {limit_key_part{}};
  std::optional<rate> per_key;
  std::optional<std::uint32_t> burst;       // requests at once; none: the number of the rate
  std::optional<std::uint32_t> concurrency; // requests of a key under way at once
  std::vector<std::string> methods;         // empty: all
  std::vector<cidr> exempt;                 // clients that it does not concern
  limit_count count = limit_count::all;
  std::uint16_t reject = defaults::limit_reject;
  bool dry_run = false; // decide and count, but refuse nothing
  bool operator==(const rate_limit_settings&) const = default;
};

/// When a client is banned for what limits refused it.
struct ban_rule {
  std::uint32_t after = defaults::ban_after; // refusals
  std::chrono::milliseconds within = defaults::ban_within;
  std::chrono::milliseconds time = defaults::ban_time;
  bool operator==(const ban_rule&) const = default;
};

struct ban_settings {
  std::optional<ban_rule> automatic; // none: only what an operator bans
  std::vector<cidr> exempt;          // clients that are never banned
  bool operator==(const ban_settings&) const = default;
};

} // namespace weir::config
