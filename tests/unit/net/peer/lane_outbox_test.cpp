// Each lane's queue has a bound and its own way of being full.
#include "net/peer/lane_outbox.hpp"

#include <gtest/gtest.h>

using namespace weir::net;

namespace {

/// An outbox that counts how often it woke its reader.
struct counted {
  explicit counted(lane which) : outbox(which, metrics, [this] { ++woken; }) {}

  lane_metrics metrics;
  int woken = 0;
  lane_outbox outbox;
};

std::string message_of(std::size_t size) {
  return std::string(size, 'x');
}

/// Fills the queue with the largest messages there are; how many fitted.
std::size_t fill(counted& box, lane which) {
  const auto& rules = rules_of(which);
  std::size_t count = 0;
  for (; count < rules.queue_bytes_max / rules.message_bytes_max; ++count)
    if (box.outbox.push(message_of(rules.message_bytes_max)) != send_result::queued) break;
  return count;
}

} // namespace

TEST(lane_outbox, gives_back_messages_in_order) {
  counted box(lane::ctl);
  EXPECT_EQ(box.outbox.push("one"), send_result::queued);
  EXPECT_EQ(box.outbox.push("two"), send_result::queued);
  EXPECT_EQ(box.outbox.bytes(), 6u);
  EXPECT_EQ(box.outbox.pop(), "one");
  EXPECT_EQ(box.outbox.pop(), "two");
  EXPECT_EQ(box.outbox.pop(), std::nullopt);
  EXPECT_EQ(box.outbox.bytes(), 0u);
}

TEST(lane_outbox, wakes_the_reader_once_until_it_saw_an_empty_queue) {
  counted box(lane::bulk);
  box.outbox.push("one");
  box.outbox.push("two");
  EXPECT_EQ(box.woken, 1);
  while (box.outbox.pop()) {
  }
  box.outbox.push("three");
  EXPECT_EQ(box.woken, 2);
}

TEST(lane_outbox, a_full_ctl_queue_closes_the_link) {
  counted box(lane::ctl);
  EXPECT_EQ(fill(box, lane::ctl), 16u);
  EXPECT_FALSE(box.outbox.overflowed());
  EXPECT_EQ(box.outbox.push("x"), send_result::full);
  EXPECT_TRUE(box.outbox.overflowed());
  EXPECT_EQ(box.woken, 2) << "the reader must hear of it though the queue is not empty";
  EXPECT_EQ(box.outbox.push("x"), send_result::no_link);
}

TEST(lane_outbox, a_full_state_queue_drops_the_oldest) {
  counted box(lane::state);
  EXPECT_EQ(box.outbox.push("first"), send_result::queued);
  fill(box, lane::state);
  EXPECT_EQ(box.outbox.push("last"), send_result::queued);
  EXPECT_GE(box.metrics.dropped, 1u);
  EXPECT_LE(box.outbox.bytes(), rules_of(lane::state).queue_bytes_max);
  EXPECT_NE(box.outbox.pop(), "first");
}

TEST(lane_outbox, a_newer_state_message_takes_the_olders_place) {
  counted box(lane::state);
  box.outbox.push("limit a: 1", 7);
  box.outbox.push("limit b: 1", 8);
  EXPECT_EQ(box.outbox.push("limit a: 25", 7), send_result::coalesced);
  EXPECT_EQ(box.outbox.bytes(), 21u);
  EXPECT_EQ(box.outbox.pop(), "limit a: 25");
  EXPECT_EQ(box.outbox.pop(), "limit b: 1");
  EXPECT_EQ(box.metrics.coalesced, 1u);
}

TEST(lane_outbox, a_key_means_nothing_where_each_message_counts) {
  counted box(lane::bulk);
  box.outbox.push("one", 7);
  EXPECT_EQ(box.outbox.push("two", 7), send_result::queued);
}

TEST(lane_outbox, a_full_bulk_queue_refuses_and_takes_more_when_there_is_room) {
  counted box(lane::bulk);
  EXPECT_EQ(fill(box, lane::bulk), 16u);
  EXPECT_EQ(box.outbox.push("x"), send_result::full);
  EXPECT_EQ(box.metrics.refused, 1u);
  box.outbox.pop();
  EXPECT_EQ(box.outbox.push("x"), send_result::queued);
}

TEST(lane_outbox, a_message_over_the_lanes_bound_never_enters) {
  counted box(lane::ctl);
  EXPECT_EQ(box.outbox.push(message_of(rules_of(lane::ctl).message_bytes_max + 1)),
            send_result::too_big);
  EXPECT_EQ(box.outbox.bytes(), 0u);
}

TEST(lane_outbox, a_closed_one_refuses_but_gives_what_is_left) {
  counted box(lane::ctl);
  box.outbox.push("goodbye");
  box.outbox.close();
  EXPECT_EQ(box.outbox.push("more"), send_result::no_link);
  EXPECT_EQ(box.outbox.pop(), "goodbye");
}
