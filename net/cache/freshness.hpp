// How long a response may be used, and how old it is (RFC 9111 4.2).
#pragma once

#include "net/cache/cache_control.hpp"
#include "net/cache/cache_policy.hpp"
#include "net/http/http_date.hpp"
#include "net/http/message.hpp"

#include <chrono>
#include <cstdint>

namespace weir::net {

/// Wall time as the cache keeps it: an object outlives its process.
using cache_time = std::chrono::sys_time<std::chrono::milliseconds>;

/// Where a lifetime came from.
enum class freshness_source : std::uint8_t {
  none,     // the response gives none and none may be assumed: it is stale at once
  s_maxage, // for shared caches
  max_age,
  expires,
  configured, // `ttl`
  heuristic,  // a tenth of its age when it was sent
};
constexpr bool is_explicit(freshness_source source) {
  return source == freshness_source::s_maxage || source == freshness_source::max_age ||
         source == freshness_source::expires;
}

struct freshness {
  delta_seconds lifetime{};
  freshness_source source = freshness_source::none;
};

/// What of a response decides its freshness.
struct response_facts {
  const response_head& head;
  const cache_directives& directives; // the targeted ones, if there are any
  bool targeted = false;              // then Expires does not count (RFC 9213 2.2)
  cache_time request_time;            // when it was asked for
  cache_time response_time;           // when its head was here
};

/// RFC 9110 15.1: what may be stored without being told how long.
bool is_heuristically_cacheable(std::uint16_t status);

/// RFC 9111 4.2.1, in its order: s-maxage, max-age, Expires, then `ttl`, then the heuristic.
freshness lifetime_of(const response_facts& response, const cache_policy& policy);

/// When the origin made it: its Date, or when it arrived if there is none we can read.
cache_time date_of(const response_facts& response);

/// RFC 9111 4.2.3: how old it was when it arrived. An Age of several values counts by its first, an
/// invalid one not at all (5.1).
std::chrono::milliseconds initial_age_of(const response_facts& response);

/// A date in a response's field, read with any case of its names (RFC 9111 4.2); nothing for
/// another zone than GMT.
std::optional<http_time> read_cache_date(std::string_view text, cache_time now);

} // namespace weir::net
