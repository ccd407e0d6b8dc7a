// A ticket issued anywhere resumes everywhere, also where the clock is wrong.
#include "cluster/ticket_keys.hpp"

#include "base/hash.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace weir;
using namespace weir::cluster;

namespace {

/// Stands for HKDF: other bytes for other secrets and infos.
std::string derive(std::string_view secret, std::string_view info, std::size_t bytes) {
  std::string out;
  for (auto hash = fnv1a64(info, fnv1a64(secret)); out.size() < bytes; hash = mix64(hash + 1))
    out += hex_prefix(hash, 16);
  out.resize(bytes);
  return out;
}

const std::vector<std::string> one{"secret"};
const wall_time midnight{std::chrono::hours(24 * 20000)}; // a period begins

bool resumes(const ticket_key& issued, wall_time at, const std::vector<std::string>& secrets) {
  const auto keys = ticket_keys::at(at, secrets, derive).accept;
  return std::ranges::find(keys, issued) != keys.end();
}

} // namespace

TEST(ticket_keys, change_every_eight_hours_on_the_clock) {
  const auto first = ticket_keys::at(midnight, one, derive);
  EXPECT_EQ(first.until, midnight + 8h);
  EXPECT_EQ(ticket_keys::at(midnight + 8h - 1ns, one, derive).issue, first.issue);
  EXPECT_NE(ticket_keys::at(midnight + 8h, one, derive).issue, first.issue);
  EXPECT_NE(ticket_keys::at(midnight - 1ns, one, derive).issue, first.issue);
  EXPECT_EQ(ticket_keys::at(midnight - 1ns, one, derive).until, midnight);
  EXPECT_EQ(first.accept.size(), 3u);
  EXPECT_NE(first.issue.cipher, first.issue.mac);
}

TEST(ticket_keys, tickets_resume_for_eight_hours_at_least_and_sixteen_at_most) {
  for (const auto age : {0h, 1h, 7h}) {
    const auto issued = ticket_keys::at(midnight + age, one, derive).issue;
    EXPECT_TRUE(resumes(issued, midnight + age + 8h, one));
    EXPECT_FALSE(resumes(issued, midnight + 16h, one));
  }
}

TEST(ticket_keys, clocks_ten_minutes_apart_understand_each_other_at_every_moment) {
  for (int minute = 0; minute < 24 * 60; ++minute) {
    const auto now = midnight + std::chrono::minutes(minute);
    const auto ahead = ticket_keys::at(now + 10min, one, derive).issue;
    const auto behind = ticket_keys::at(now - 10min, one, derive).issue;
    EXPECT_TRUE(resumes(ahead, now - 10min, one));
    EXPECT_TRUE(resumes(behind, now + 10min, one));
  }
}

TEST(ticket_keys, a_new_secret_issues_while_the_old_one_still_resumes) {
  const auto old = ticket_keys::at(midnight, one, derive).issue;
  const std::vector<std::string> both{"newer", "secret"};
  EXPECT_NE(ticket_keys::at(midnight, both, derive).issue, old);
  EXPECT_TRUE(resumes(old, midnight, both));
  EXPECT_FALSE(resumes(old, midnight, {"newer"}));
  EXPECT_FALSE(resumes(old, midnight, {"newest", "newer", "secret"})) << "two are enough";
}

TEST(ticket_keys, there_are_some_before_1970_too) {
  EXPECT_EQ(ticket_keys::at(wall_time{} - 1h, one, derive).until, wall_time{});
}
