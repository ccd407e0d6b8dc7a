// The reuse of stored responses against the plain arithmetic of RFC 9111 4.2, at random moments.
#include "base/random.hpp"
#include "net/cache/reuse.hpp"
#include "tests/support/made_response.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

using std::chrono::milliseconds;

/// What the RFC says, in whole numbers, written down without looking at the code.
struct model {
  long max_age = -1, s_maxage = -1, expires = -1; // seconds; -1: not there. expires from date
  long date = 0;                                  // seconds relative to the arrival
  long age = 0;
  long delay = 0;

  long lifetime() const {
    if (s_maxage >= 0) return s_maxage;
    if (max_age >= 0) return max_age;
    return std::max(expires, 0L);
  }
  long age_after(long resident) const {
    const long apparent = std::max(0L, -date);
    return std::max(apparent, age + delay) + resident;
  }
};

std::string text_of(http_time time) {
  const auto text = format_http_date(time);
  return {text.data(), text.size()};
}

TEST(freshness_property, agrees_with_the_arithmetic_of_the_rfc) {
  const auto seed = std::uint64_t{20261122};
  random_source random(seed);
  const auto number = [&](long below) {
    return static_cast<long>(random.below(static_cast<std::uint64_t>(below)));
  };
  const http_time arrived{std::chrono::hours(500'000)};
  for (int round = 0; round < 20'000; ++round) {
    model m;
    if (number(2) == 0) m.max_age = number(100);
    if (number(3) == 0) m.s_maxage = number(100);
    m.date = number(100) - 80;
    m.age = number(3) == 0 ? number(50) : 0;
    m.delay = number(3) == 0 ? number(5) : 0;
    if (number(2) == 0) m.expires = number(200) - 50;
    if (m.max_age < 0 && m.s_maxage < 0 && m.expires < 0) m.max_age = 5;

    std::string control;
    if (m.max_age >= 0) control += "max-age=" + std::to_string(m.max_age) + ",";
    if (m.s_maxage >= 0) control += "s-maxage=" + std::to_string(m.s_maxage);
    const auto date = text_of(arrived + std::chrono::seconds(m.date));
    const auto expires = text_of(arrived + std::chrono::seconds(m.date + std::max(m.expires, 0L)));
    const auto age = std::to_string(m.age);
    auto head =
        test::made_response(200, {{"Cache-Control", control}, {"Date", date}, {"Age", age}});
    if (m.expires >= 0) head.fields.push_back({"Expires", expires, field_id::other});

    const auto directives = read_cache_control(head);
    const response_facts facts{head, directives, false,
                               cache_time{arrived} - std::chrono::seconds(m.delay), arrived};
    std::string section;
    const auto stored = describe(facts, lifetime_of(facts, {}), {}, section);
    const long resident = number(150);
    const auto got =
        judge_reuse(stored, {}, false, {}, cache_time{arrived} + std::chrono::seconds(resident));
    const bool fresh = m.lifetime() > m.age_after(resident);
    ASSERT_EQ(got.kind == reuse_kind::fresh, fresh) << "seed " << seed << " round " << round;
    ASSERT_EQ(got.age.count(), m.age_after(resident)) << "seed " << seed << " round " << round;
    ASSERT_EQ(got.ttl, m.lifetime() - m.age_after(resident)) << "round " << round;
  }
}

TEST(freshness_property, what_is_written_down_is_read_back) {
  const auto seed = std::uint64_t{7};
  random_source random(seed);
  for (int round = 0; round < 5'000; ++round) {
    stored_response r;
    r.status = static_cast<std::uint16_t>(200 + random.below(400));
    r.no_cache = random.below(2);
    r.must_revalidate = random.below(2);
    r.shared_lifetime = random.below(2);
    r.assumed_lifetime = random.below(2);
    r.varies = random.below(2);
    r.response_time = cache_time{milliseconds(static_cast<std::int64_t>(random.below(1ull << 42)))};
    r.initial_age = milliseconds(static_cast<std::int64_t>(random.below(1ull << 40)));
    r.lifetime = delta_seconds{static_cast<std::int64_t>(random.below(1ull << 31))};
    if (random.below(2)) r.stale_while_revalidate = delta_seconds{5};
    r.owner = random();
    const auto text = encode_stored(r);
    stored_response back;
    ASSERT_TRUE(decode_stored(text, back)) << "seed " << seed << " round " << round;
    ASSERT_EQ(encode_stored(back), text) << "seed " << seed << " round " << round;
    ASSERT_EQ(back.response_time, r.response_time);
    ASSERT_EQ(back.initial_age, r.initial_age);
  }
}

} // namespace
} // namespace weir::net
