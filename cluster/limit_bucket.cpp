// Token bucket arithmetic in whole nanoseconds.
#include "cluster/limit_bucket.hpp"

#include <algorithm>
#include <cassert>

namespace weir::cluster {

namespace {

/// Fills in what the bucket holds when it is full at `full_at`.
void describe(limit_decision& out, const limit_terms& terms, duration full_at, duration now) {
  out.full_in = std::max(full_at - now, duration{});
  const auto used = (out.full_in + terms.interval - duration(1)) / terms.interval;
  out.remaining = std::max<std::int64_t>(terms.burst - used, 0);
}

} // namespace

limit_decision judge(const limit_bucket& bucket, const limit_terms& terms, duration now,
                     const limit_credit& credit, std::uint32_t elsewhere) {
  limit_decision out;
  if (terms.concurrency != 0 && bucket.under_way + elsewhere >= terms.concurrency)
    out.outcome = limit_outcome::over_concurrency;
  if (terms.interval == duration{}) return out;
  describe(out, terms, bucket.full_at, now);
  if (!out.admitted()) return out;
  // One more must leave the debt within the bucket's size.
  const auto most = terms.interval * (terms.burst - 1);
  if (out.full_in > most) {
    out.outcome = limit_outcome::over_rate;
    out.retry_after = out.full_in - most;
  } else if (credit.peers != 0 &&
             bucket.admitted - bucket.acknowledged >= credit.unacknowledged_max) {
    out.outcome = limit_outcome::out_of_credit;
  }
  return out;
}

limit_decision take(limit_bucket& bucket, const limit_terms& terms, duration now,
                    const limit_credit& credit, std::uint32_t elsewhere) {
  auto out = judge(bucket, terms, now, credit, elsewhere);
  if (!out.admitted()) return out;
  if (terms.concurrency != 0) ++bucket.under_way;
  if (terms.interval == duration{}) return out;
  bucket.full_at = std::max(bucket.full_at, now) + terms.interval;
  ++bucket.admitted;
  if (credit.peers == 0) bucket.acknowledged = bucket.admitted;
  describe(out, terms, bucket.full_at, now);
  return out;
}

void finish(limit_bucket& bucket) {
  assert(bucket.under_way > 0);
  --bucket.under_way;
}

} // namespace weir::cluster
