// A rate limit as the data path uses it: compiled once per configuration.
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "net/route/method_set.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

/// One limit of a site or a route. Immutable; any shard.
struct request_limit {
  config::rate_limit_settings settings;
  std::string name; // the label in metrics, logs and fields
  /// The same for the same name, key, rate and burst: its keys' buckets outlive a reload. One with
  /// another rate begins anew.
  std::uint64_t id = 0;
  method_set methods;
  duration interval{}; // between two requests at the rate; zero: none
  std::int64_t burst = 1;
  std::uint32_t concurrency = 0; // zero: any number
  /// The fields of a refusal but for its last number: RateLimit-Policy with its CRLF, then
  /// RateLimit up to the time (draft-ietf-httpapi-ratelimit-headers).
  std::string rate_fields;
  std::string concurrency_fields; // both whole
};

/// The limits of a route (of a site itself when `route` is null): the site's first, then its own.
std::vector<request_limit> compile_limits(const config::site_settings& site,
                                          const config::route_settings* route);

} // namespace weir::net
