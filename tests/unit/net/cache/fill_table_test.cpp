// One leads, the others wait, and nobody waits for what is not shared.
#include "net/cache/fill_table.hpp"

#include <gtest/gtest.h>

namespace weir::net {
namespace {

struct noting_waiter final : fill_waiter {
  void on_settled(const std::string& key) override { settled.push_back(key); }
  std::vector<std::string> settled;
};

struct fill_table_test : testing::Test {
  fill_turn begin(fill_waiter& who, bool may_lead = true) {
    fill_ticket ticket;
    const auto turn = table.begin("k", may_lead, who, now, ticket);
    if (ticket) leading = std::move(ticket);
    return turn;
  }
  fill_table table;
  noting_waiter a, b;
  fill_ticket leading;
  steady_time now{std::chrono::hours(1)};
};

TEST_F(fill_table_test, the_first_leads_and_each_shard_is_told_once) {
  EXPECT_EQ(begin(a), fill_turn::lead);
  EXPECT_EQ(begin(a), fill_turn::wait);
  EXPECT_EQ(begin(a), fill_turn::wait);
  EXPECT_EQ(begin(b), fill_turn::wait);
  leading.settle(fill_end::stored, now);
  EXPECT_EQ(a.settled, std::vector<std::string>{"k"});
  EXPECT_EQ(b.settled, std::vector<std::string>{"k"});
  EXPECT_EQ(begin(a), fill_turn::lead);
}

TEST_F(fill_table_test, a_ticket_that_is_dropped_lets_another_lead) {
  begin(a);
  begin(b);
  leading = {};
  EXPECT_EQ(b.settled.size(), 1u);
  EXPECT_EQ(begin(b), fill_turn::lead);
}

TEST_F(fill_table_test, what_is_not_shared_is_fetched_alone_for_a_while) {
  begin(a);
  leading.settle(fill_end::not_shared, now);
  EXPECT_EQ(begin(a), fill_turn::alone);
  EXPECT_EQ(begin(b), fill_turn::alone);
  now += fill_table::mark_for;
  EXPECT_EQ(begin(b), fill_turn::lead);
}

TEST_F(fill_table_test, what_would_be_said_is_said_without_taking_part) {
  EXPECT_EQ(table.foresee("k", true, now), fill_turn::lead);
  EXPECT_EQ(table.foresee("k", false, now), fill_turn::alone);
  EXPECT_EQ(table.entries(), 0u);
  EXPECT_EQ(begin(a), fill_turn::lead);
  EXPECT_EQ(table.foresee("k", true, now), fill_turn::wait);
  leading.settle(fill_end::not_shared, now);
  EXPECT_TRUE(a.settled.empty()); // nobody waited
  EXPECT_EQ(table.foresee("k", true, now), fill_turn::alone);
  EXPECT_EQ(table.foresee("k", true, now + fill_table::mark_for), fill_turn::lead);
}

TEST_F(fill_table_test, what_is_stored_after_all_ends_the_mark) {
  begin(a);
  leading.settle(fill_end::not_shared, now);
  table.unmark("k");
  EXPECT_EQ(begin(a), fill_turn::lead);
}

TEST_F(fill_table_test, released_waiters_go_alone_while_the_fetch_goes_on) {
  begin(a);
  begin(b);
  leading.release_waiters();
  EXPECT_EQ(b.settled.size(), 1u);
  EXPECT_EQ(begin(b), fill_turn::alone);
  leading.settle(fill_end::stored, now);
  EXPECT_EQ(begin(b), fill_turn::lead);
}

TEST_F(fill_table_test, a_release_that_comes_late_changes_nothing) {
  begin(a);
  leading.settle(fill_end::not_shared, now);
  table.release("k");
  table.release("unknown");
  now += fill_table::mark_for;
  EXPECT_EQ(begin(b), fill_turn::lead);
}

TEST_F(fill_table_test, who_cannot_fill_does_not_lead) {
  EXPECT_EQ(begin(a, false), fill_turn::alone);
  EXPECT_EQ(begin(b), fill_turn::lead);
  EXPECT_EQ(begin(a, false), fill_turn::wait);
}

TEST_F(fill_table_test, marks_are_bounded) {
  for (std::size_t i = 0; i < 2 * fill_table::marks_max; ++i) {
    fill_ticket ticket;
    const auto key = std::to_string(i);
    ASSERT_EQ(table.begin(key, true, a, now, ticket), fill_turn::lead);
    ticket.settle(fill_end::not_shared, now);
  }
  EXPECT_LE(table.entries(), fill_table::marks_max);
  EXPECT_GT(table.entries(), 0u);
}

TEST_F(fill_table_test, an_invalidation_is_seen_by_the_fetches_of_its_url) {
  const auto before = table.generation("u");
  table.invalidate("u");
  EXPECT_NE(table.generation("u"), before);
}

} // namespace
} // namespace weir::net
