// What the cache decides about a request before its origin is asked (RFC 9111 4): the same for a
// request and for `weir explain`. Nothing here looks anything up, stores or counts.
#pragma once

#include "net/proxy/cached_exchange.hpp"
#include "net/proxy/exchange.hpp"

#include <cstdint>
#include <string_view>

namespace weir::net {

/// Why the cache has no part in a request of a route that it concerns. Reaches `weir explain`.
/// Append only.
enum class bypass_reason : std::uint8_t {
  none,
  method,       // neither GET nor HEAD
  no_store,     // the request says so
  precondition, // If-Match, If-Unmodified-Since: the origin's to evaluate (RFC 9111 4.3.2)
  body,         // the request has one
  upgrade,      // it wants another protocol
  long_key,     // above cache_key_bytes_max
  cookie,       // one of `bypass_cookie`
  personal,     // it says who asks, and nobody promised that the stored response is for everyone
};
inline constexpr std::size_t bypass_reason_count = 9;
/// A stable snake_case name.
std::string_view name_of(bypass_reason reason);

enum class cache_step : std::uint8_t {
  pass,       // on to its pool; what the origin answers may invalidate
  bypass,     // on to its pool, unless `refuse_uncached`
  look,       // look `x.cache->key` up, then `judge_found`
  answer,     // from the store
  ask_origin, // `prepare_fetch`, unless `refuse_uncached`
};

struct cache_verdict {
  cache_step step = cache_step::pass;
  forward_reason why = forward_reason::none;   // bypass, ask_origin
  bypass_reason bypass = bypass_reason::none;  // pass, bypass
  cache_outcome outcome = cache_outcome::none; // answer
  reuse_decision reuse = {};                   // answer
  bool refresh = false; // answer: it is stale, and to be fetched anew behind the answer
};

/// False: the exchange goes on as though there were no cache. REQUIRES: it is routed to a pool.
bool concerns_cache(const exchange& x);

/// The first look at the request. REQUIRES: `concerns_cache(x)`, and `x.cache` is as new but for
/// its policy.
cache_verdict begin_lookup(exchange& x, cache_time now);

/// What follows from what was found under `x.cache->key`, null for nothing: look again (there are
/// variants), answer, or go on.
cache_verdict judge_found(exchange& x, stored_object_ptr object, cache_time now);

/// The client wants an answer from the store or none (RFC 9111 5.2.1.7): then `x` has failed.
bool refuse_uncached(exchange& x);

/// Makes the request ready to go out, with the stored response's validators if there are any.
/// Returns whether others may wait for what it brings.
bool prepare_fetch(exchange& x);

} // namespace weir::net
