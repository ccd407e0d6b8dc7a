// The decision of a rate limit about one request of one key: a token bucket with credit among peers
// (research: the credit-limited delta bucket; docs/decisions/0017).
#pragma once

#include "base/clock.hpp"

#include <cstdint>
#include <limits>

namespace weir::cluster {

/// What one limit allows each of its keys.
struct limit_terms {
  duration interval{};           // between two requests at the limit's rate; zero: no rate
  std::int64_t burst = 1;        // what a full bucket holds; REQUIRES: at least 1
  std::uint32_t concurrency = 0; // requests under way at once; zero: any number

  /// How long an empty bucket takes to be full.
  duration fill() const { return interval * burst; }
};

/// The longest `fill()` that a limit may have: sums of it and of a clock's reading stay far from
/// the end of 64 bits.
inline constexpr duration limit_fill_max = std::chrono::hours(24 * 366);

/// What a node may admit before its peers know of it. Without peers there is nobody to wait for.
struct limit_credit {
  std::uint32_t peers = 0;
  std::uint64_t unacknowledged_max = std::numeric_limits<std::uint64_t>::max();
};

enum class limit_outcome : std::uint8_t {
  admitted,
  over_rate,        // the bucket is empty
  over_concurrency, // too many are under way
  out_of_credit,    // peers have not acknowledged enough: wait for them, then ask again
};

struct limit_decision {
  limit_outcome outcome = limit_outcome::admitted;
  std::int64_t remaining = 0; // requests that the bucket still holds
  duration retry_after{};     // over_rate: until it holds one again
  duration full_in{};         // until it is full
  bool admitted() const { return outcome == limit_outcome::admitted; }
};

/// The state of one key. A plain value; whoever holds it locks it.
///
/// The bucket's level V is kept as the moment at which it will be full again (as GCRA's theoretical
/// arrival time does, ITU-T I.371): V = burst - (full_at - now) / interval, a moment in the past
/// means full. So time refills it without a write, `full_at` alone says whether forgetting the key
/// changes any decision, and n requests admitted by a peer are `full_at += n * interval`. A node
/// that may use only a share of the rate lets the `now` it passes run slower: no bucket is touched.
struct limit_bucket {
  duration full_at{};             // on the clock of `now`
  std::uint64_t admitted = 0;     // by this node since it started: what it tells its peers
  std::uint64_t acknowledged = 0; // of these, known to every live peer
  std::uint32_t under_way = 0;

  /// Whether a new bucket would decide the same.
  bool is_as_new(duration now) const {
    return full_at <= now && under_way == 0 && acknowledged == admitted;
  }
};

/// What would be decided about a request at `now`, without admitting it. `elsewhere` are requests
/// of the key under way that `bucket` does not count.
limit_decision judge(const limit_bucket& bucket, const limit_terms& terms, duration now,
                     const limit_credit& credit = {}, std::uint32_t elsewhere = 0);

/// Decides, and takes what the request needs from the bucket if it is admitted. With a `terms`
/// that has a concurrency, `finish` must follow when an admitted request ends.
limit_decision take(limit_bucket& bucket, const limit_terms& terms, duration now,
                    const limit_credit& credit = {}, std::uint32_t elsewhere = 0);
void finish(limit_bucket& bucket);

} // namespace weir::cluster
