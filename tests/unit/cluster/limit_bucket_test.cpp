// One bucket: levels, refills, credit among peers.
#include "cluster/limit_bucket.hpp"

#include <gtest/gtest.h>

namespace weir::cluster {
namespace {

constexpr duration start = 1'000s;

int admit(limit_bucket& bucket, const limit_terms& terms, duration now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i)
    if (take(bucket, terms, now).admitted()) ++count;
  return count;
}

TEST(limit_bucket, a_new_one_is_full_and_refills_at_the_rate) {
  const limit_terms terms{.interval = 12s, .burst = 5};
  limit_bucket bucket;
  EXPECT_EQ(admit(bucket, terms, start, 20), 5);
  EXPECT_EQ(admit(bucket, terms, start + 12s - duration(1), 20), 0);
  EXPECT_EQ(admit(bucket, terms, start + 12s, 20), 1);
  EXPECT_EQ(admit(bucket, terms, start + 36s, 20), 2);
  EXPECT_EQ(admit(bucket, terms, start + 1h, 20), 5);
}

TEST(limit_bucket, says_what_is_left_and_when_there_is_more) {
  const limit_terms terms{.interval = 10s, .burst = 2};
  limit_bucket bucket;
  auto seen = take(bucket, terms, start);
  EXPECT_EQ(seen.remaining, 1);
  EXPECT_EQ(seen.full_in, 10s);
  seen = take(bucket, terms, start + 3s);
  EXPECT_EQ(seen.remaining, 0);
  seen = take(bucket, terms, start + 4s);
  EXPECT_EQ(seen.outcome, limit_outcome::over_rate);
  EXPECT_EQ(seen.retry_after, 6s);
  EXPECT_EQ(seen.full_in, 16s);
  EXPECT_TRUE(take(bucket, terms, start + 4s + seen.retry_after).admitted());
}

TEST(limit_bucket, a_refusal_takes_nothing) {
  const limit_terms terms{.interval = 1s, .burst = 1};
  limit_bucket bucket;
  take(bucket, terms, start);
  for (int i = 0; i < 1000; ++i)
    take(bucket, terms, start + 500ms);
  EXPECT_EQ(bucket.admitted, 1u);
  EXPECT_TRUE(take(bucket, terms, start + 1s).admitted());
}

TEST(limit_bucket, judging_takes_nothing_and_agrees_with_taking) {
  const limit_terms terms{.interval = 1s, .burst = 1, .concurrency = 1};
  limit_bucket bucket;
  EXPECT_TRUE(judge(bucket, terms, start).admitted());
  EXPECT_TRUE(judge(bucket, terms, start).admitted());
  EXPECT_TRUE(take(bucket, terms, start).admitted());
  EXPECT_EQ(judge(bucket, terms, start).outcome, limit_outcome::over_concurrency);
  finish(bucket);
  EXPECT_EQ(judge(bucket, terms, start).outcome, limit_outcome::over_rate);
}

TEST(limit_bucket, concurrency_counts_what_is_under_way) {
  const limit_terms terms{.interval = {}, .burst = 1, .concurrency = 2};
  limit_bucket bucket;
  EXPECT_EQ(admit(bucket, terms, start, 5), 2);
  EXPECT_EQ(take(bucket, terms, start).outcome, limit_outcome::over_concurrency);
  finish(bucket);
  EXPECT_EQ(take(bucket, terms, start, {}, 1).outcome, limit_outcome::over_concurrency);
  EXPECT_TRUE(take(bucket, terms, start).admitted());
}

TEST(limit_bucket, is_as_new_only_when_forgetting_it_changes_nothing) {
  const limit_terms terms{.interval = 1s, .burst = 3, .concurrency = 3};
  limit_bucket bucket;
  EXPECT_TRUE(bucket.is_as_new(start));
  take(bucket, terms, start);
  EXPECT_FALSE(bucket.is_as_new(start + 1s)); // one is under way
  finish(bucket);
  EXPECT_FALSE(bucket.is_as_new(start + 1s - duration(1)));
  EXPECT_TRUE(bucket.is_as_new(start + 1s));
}

/// Among peers (research/cluster.md 2.3, step 3): what they have not acknowledged is bounded, and
/// the request waits rather than being refused.
TEST(limit_bucket, credit_bounds_what_the_peers_do_not_know) {
  const limit_terms terms{.interval = 1ms, .burst = 100};
  const limit_credit credit{.peers = 2, .unacknowledged_max = 3};
  limit_bucket bucket;
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(take(bucket, terms, start, credit).admitted());
  EXPECT_EQ(take(bucket, terms, start, credit).outcome, limit_outcome::out_of_credit);
  bucket.acknowledged = 2;
  EXPECT_TRUE(take(bucket, terms, start, credit).admitted());
  EXPECT_TRUE(take(bucket, terms, start, credit).admitted());
  EXPECT_EQ(take(bucket, terms, start, credit).outcome, limit_outcome::out_of_credit);
  EXPECT_FALSE(bucket.is_as_new(start + 1h)); // the peers do not know all of it yet
}

TEST(limit_bucket, a_single_node_waits_for_nobody) {
  const limit_terms terms{.interval = 1ms, .burst = 1000};
  limit_bucket bucket;
  EXPECT_EQ(admit(bucket, terms, start, 2000), 1000);
  EXPECT_TRUE(bucket.is_as_new(start + 1s));
}

} // namespace
} // namespace weir::cluster
