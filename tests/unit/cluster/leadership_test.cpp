// Taking, keeping and losing the lead, one answer at a time.
#include "cluster/leadership.hpp"

#include "cluster/meta_layout.hpp"
#include "tests/support/sample_roster.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;
using test::numbered;
using kind = leadership_step::kind;

namespace {

const steady_time start = steady_time{} + 1h;

meta_entry held_by(std::uint8_t n, std::uint64_t lease, std::uint64_t revision) {
  return {std::string(meta_layout::leader), encode_fact(leader_fact{numbered(n), {}}), revision,
          revision, lease};
}

/// One that leads since `start`, with lease 7 and revision 20.
leadership leading() {
  leadership out(numbered(1));
  out.seen(std::nullopt, 10);
  EXPECT_EQ(out.tick(true, start).what, kind::grant);
  out.granted(7, start);
  const auto take = out.tick(true, start);
  EXPECT_EQ(take.what, kind::commit);
  EXPECT_EQ(take.transaction.changes.at(0).lease, 7u);
  EXPECT_EQ(take.transaction.conditions.at(0).modified, 0u);
  out.committed(meta_outcome{true, 20}, start);
  EXPECT_EQ(out.leads(start)->modified, 20u);
  return out;
}

} // namespace

TEST(leadership, nobody_contends_while_somebody_leads_or_it_may_not) {
  leadership lead(numbered(1));
  lead.seen(held_by(2, 3, 10), 10);
  EXPECT_EQ(lead.tick(true, start).what, kind::none);
  EXPECT_EQ(lead.leader(), numbered(2));
  lead.seen(std::nullopt, 11);
  EXPECT_EQ(lead.tick(false, start).what, kind::none);
  EXPECT_EQ(lead.tick(true, start).what, kind::grant);
  EXPECT_EQ(lead.tick(true, start).what, kind::none) << "one request at a time";
}

TEST(leadership, is_kept_alive_each_second_and_lapses_by_our_own_clock) {
  auto lead = leading();
  EXPECT_EQ(lead.tick(true, start + 100ms).what, kind::keep_alive);
  lead.kept({}, start + 200ms);
  EXPECT_EQ(lead.tick(true, start + 1s).what, kind::none);
  EXPECT_TRUE(lead.leads(start + 3099ms));
  EXPECT_FALSE(lead.leads(start + 3100ms)) << "counted from when we asked";
  EXPECT_EQ(lead.tick(true, start + 3100ms).what, kind::revoke);
}

TEST(leadership, is_given_up_when_isolated) {
  auto lead = leading();
  const auto step = lead.tick(false, start + 1s);
  EXPECT_EQ(step.what, kind::revoke);
  EXPECT_EQ(step.lease, 7u);
  EXPECT_FALSE(lead.leads(start + 1s));
  EXPECT_EQ(lead.tick(false, start + 2s).what, kind::none);
}

TEST(leadership, isolation_counts_even_while_an_answer_is_awaited) {
  auto lead = leading();
  lead.tick(true, start + 100ms);
  EXPECT_EQ(lead.tick(false, start + 200ms).what, kind::none);
  EXPECT_FALSE(lead.leads(start + 200ms));
  lead.kept({}, start + 300ms);
  EXPECT_EQ(lead.tick(false, start + 300ms).what, kind::revoke);
}

TEST(leadership, a_lost_lease_or_another_leader_ends_it) {
  auto lead = leading();
  lead.tick(true, start + 1s);
  lead.kept(meta_errc::no_lease, start + 1s);
  EXPECT_FALSE(lead.leads(start + 1s));
  auto other = leading();
  other.seen(held_by(2, 9, 30), 30);
  EXPECT_FALSE(other.leads(start));
  auto erased = leading();
  erased.seen(std::nullopt, 25);
  EXPECT_FALSE(erased.leads(start));
  auto late = leading();
  late.seen(std::nullopt, 15);
  EXPECT_TRUE(late.leads(start)) << "older than our own commit";
}

TEST(leadership, a_lost_answer_is_settled_by_what_the_store_shows) {
  leadership lead(numbered(1));
  lead.tick(true, start);
  lead.granted(7, start);
  lead.tick(true, start);
  lead.seen(held_by(1, 7, 20), 20);
  lead.committed(meta_errc::unknown, start + 1s);
  EXPECT_EQ(lead.leads(start + 1s)->modified, 20u);
}

TEST(leadership, a_lost_answer_that_nothing_settles_gives_the_lease_back) {
  leadership lead(numbered(1));
  lead.tick(true, start);
  lead.granted(7, start);
  lead.tick(true, start);
  lead.committed(meta_errc::unknown, start);
  EXPECT_FALSE(lead.leads(start));
  EXPECT_EQ(lead.tick(true, start).what, kind::revoke);
  EXPECT_EQ(lead.tick(true, start + 400ms).what, kind::none);
  EXPECT_EQ(lead.tick(true, start + 500ms).what, kind::grant);
}

TEST(leadership, who_was_too_late_follows) {
  leadership lead(numbered(1));
  lead.tick(true, start);
  lead.seen(held_by(2, 9, 30), 30);
  lead.granted(7, start);
  EXPECT_EQ(lead.tick(true, start).what, kind::revoke);
  EXPECT_EQ(lead.tick(true, start + 1s).what, kind::none);
  EXPECT_EQ(lead.leader(), numbered(2));
}
