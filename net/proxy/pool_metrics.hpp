// What one shard's pool of one upstream counts.
#pragma once

#include "base/metrics.hpp"
#include "net/proxy/code_counts.hpp"
#include "net/upstream/hedge_policy.hpp"

#include <array>
#include <string>

namespace weir::net {

/// One server's answers on one shard.
struct server_metrics {
  std::string name; // of the server: stays as long as the pool does
  code_counts answers;
  histogram response_seconds; // from the lease to the head of the answer
};

/// Written by the shard, read by a scrape.
struct pool_metrics {
  counter connects; // connections opened
  counter connect_failures;
  counter reused;        // leases of a kept connection
  counter idle_closed;   // kept connections that the origin closed
  counter retries;       // attempts repeated
  counter stale_retries; // repeated because a kept connection had gone
  counter queue_refused; // the queue was full
  counter queue_timeouts;
  counter requests_refused;                       // `max_requests` were under way
  counter retries_refused;                        // `retries.at_once` were under way
  counter panic_picks;                            // servers chosen without regard to health
  std::array<counter, hedge_reason_count> hedges; // wishes for a second attempt, by what became
  counter hedges_won;                             // second attempts that gave the answer
  gauge queued;
  gauge leased;
};

} // namespace weir::net
