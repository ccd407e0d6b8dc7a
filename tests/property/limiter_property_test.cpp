// The limiter's one promise, for any pattern of arrivals: in every window W at most burst + rate *
// W of a key's requests are admitted, whatever other keys do; and a patient client gets all its
// rate.
#include "base/hash.hpp"
#include "base/random.hpp"
#include "cluster/limit_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace weir::cluster {
namespace {

limit_label no_label() {
  return {};
}

/// The true bucket in exact arithmetic, fed with what was admitted: a level below zero means more
/// than burst + rate * W in the window since it was last full.
class exact_bucket {
public:
  explicit exact_bucket(const limit_terms& terms) : terms_(terms), level_(full()) {}

  void admit(duration now) {
    refill(now);
    level_ -= terms_.interval.count();
    EXPECT_GE(level_, 0) << "more than burst + rate * window";
  }
  bool has_one(duration now) {
    refill(now);
    return level_ >= terms_.interval.count();
  }

private:
  std::int64_t full() const { return terms_.fill().count(); }
  void refill(duration now) {
    level_ = std::min(full(), level_ + (now - at_).count());
    at_ = now;
  }

  limit_terms terms_;
  std::int64_t level_; // in nanoseconds of rate
  duration at_{};
};

/// Every window, the slow way.
void check_all_windows(const std::vector<duration>& admitted, const limit_terms& terms) {
  for (std::size_t i = 0; i < admitted.size(); ++i)
    for (std::size_t j = i; j < admitted.size(); ++j) {
      const auto count = static_cast<std::int64_t>(j - i + 1);
      const auto most = terms.burst + (admitted[j] - admitted[i]) / terms.interval;
      ASSERT_LE(count, most) << "from " << admitted[i].count() << " to " << admitted[j].count();
    }
}

limit_terms some_terms(random_source& random) {
  limit_terms out;
  out.interval =
      duration(1 + static_cast<std::int64_t>(random.below(1u << (4 + random.below(27)))));
  out.burst = 1 + static_cast<std::int64_t>(random.below(random.below(2) == 0 ? 3 : 40));
  return out;
}

/// Bursts, pauses, and steps that lie exactly on the limit's grid.
duration some_step(random_source& random, const limit_terms& terms) {
  switch (random.below(6)) {
  case 0:
  case 1:
    return {};
  case 2:
    return terms.interval;
  case 3:
    return terms.interval - duration(1);
  case 4:
    return terms.interval * static_cast<std::int64_t>(random.below(50));
  default:
    return duration(static_cast<std::int64_t>(
        random.below(static_cast<std::uint64_t>(terms.interval.count()) * 2)));
  }
}

TEST(limiter_property, one_key_gets_exactly_what_the_exact_bucket_has) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_source random(seed);
    const auto terms = some_terms(random);
    limit_bucket bucket;
    exact_bucket exact(terms);
    std::vector<duration> admitted;
    duration now = 1'000s;
    for (int i = 0; i < 400; ++i) {
      now += some_step(random, terms);
      const bool due = exact.has_one(now);
      const bool got = take(bucket, terms, now).admitted();
      ASSERT_EQ(got, due);
      if (!got) continue;
      exact.admit(now);
      admitted.push_back(now);
    }
    check_all_windows(admitted, terms);
  }
}

/// A small table, many keys: they are forgotten and come back, live in the sketch, and move from
/// there into slots. None ever gets more than its limit.
TEST(limiter_property, no_key_gets_more_however_many_there_are) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_source random(seed);
    limit_table table(4096); // 8 sets, 56 slots
    const std::vector<limit_terms> limits{some_terms(random), some_terms(random)};
    std::map<std::uint64_t, exact_bucket> exact;
    const auto keys = 20 + random.below(2000);
    duration now = 1'000s;
    limit_place place;
    for (int i = 0; i < 20'000; ++i) {
      if (random.below(20) == 0) now += some_step(random, limits[random.below(2)]);
      const auto number = random.below(4) == 0 ? random.below(3) : random.below(keys);
      const auto& terms = limits[number % 2];
      const auto decided = table.take({mix64(number + 1), 0}, terms, now, place, no_label);
      if (decided.admitted()) exact.try_emplace(number, terms).first->second.admit(now);
      ASSERT_FALSE(testing::Test::HasFailure());
    }
    std::size_t used = 0;
    table.each([&](const limit_entry&) { ++used; });
    EXPECT_LE(used, table.slots());
  }
}

/// As long as there are slots, the limit is exact, not only safe.
TEST(limiter_property, a_key_with_a_slot_is_refused_nothing_that_is_due) {
  random_source random(7);
  limit_table table(1 << 20);
  const limit_terms terms{.interval = 1ms, .burst = 10};
  std::map<std::uint64_t, exact_bucket> exact;
  duration now = 1'000s;
  limit_place place;
  for (int i = 0; i < 200'000; ++i) {
    now += duration(static_cast<std::int64_t>(random.below(20'000)));
    const auto number = random.below(200);
    auto& model = exact.try_emplace(number, terms).first->second;
    const bool due = model.has_one(now);
    ASSERT_EQ(table.take({mix64(number + 1), 0}, terms, now, place, no_label).admitted(), due);
    if (due) model.admit(now);
  }
  EXPECT_EQ(table.stats().overflows, 0u);
}

/// In-flight counts against a plain map, with floods and releases in any order.
TEST(limiter_property, no_key_has_more_under_way_than_its_limit) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_source random(seed);
    limit_table table(4096);
    const limit_terms terms{.interval = {}, .burst = 1, .concurrency = 3};
    std::map<std::uint64_t, std::uint32_t> under_way;
    std::vector<std::pair<std::uint64_t, limit_place>> held;
    for (int i = 0; i < 20'000; ++i) {
      if (!held.empty() && random.below(100) < (i < 10'000 ? 40u : 60u)) {
        const auto at = random.below(held.size());
        table.finish(held[at].second);
        --under_way[held[at].first];
        held.erase(held.begin() + static_cast<std::ptrdiff_t>(at));
        continue;
      }
      const auto number = random.below(400);
      limit_place place;
      if (!table.take({mix64(number + 1), 0}, terms, 1s, place, no_label).admitted()) continue;
      held.emplace_back(number, place);
      ASSERT_LE(++under_way[number], 3u);
    }
    for (const auto& [number, place] : held)
      table.finish(place);
    for (std::uint64_t number = 0; number < 400; ++number)
      ASSERT_TRUE(table.judge({mix64(number + 1), 0}, terms, 1s).admitted());
  }
}

} // namespace
} // namespace weir::cluster
