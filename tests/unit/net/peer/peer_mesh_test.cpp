// Real links between real meshes on loopback: messages, restarts, back-pressure, and who is let in.
#include "net/peer/peer_mesh.hpp"

#include "tests/support/peer_node.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::net;
using weir::test::eventually;
using weir::test::peer_cluster;
using weir::test::peer_node;

namespace {

class peer_mesh_test : public testing::Test {
protected:
  /// Lets the two know each other and waits for all lanes.
  static void link(peer_node& a, peer_node& b) {
    a.mesh.set_members({b.address()});
    b.mesh.set_members({a.address()});
    ASSERT_TRUE(a.wait_until_up(b.id));
    ASSERT_TRUE(b.wait_until_up(a.id));
  }

  peer_cluster cluster_{3};
};

} // namespace

TEST_F(peer_mesh_test, three_lanes_come_up_and_carry_messages_up_to_their_bound_both_ways) {
  peer_node low(cluster_.identities[0]);
  peer_node high(cluster_.identities[1]);
  link(low, high);
  for (const lane which : all_lanes)
    for (auto [from, to] : {std::pair{&low, &high}, std::pair{&high, &low}}) {
      const std::string largest(rules_of(which).message_bytes_max,
                                static_cast<char>('a' + index_of(which)));
      EXPECT_EQ(from->mesh.send(to->id, which, largest), send_result::queued);
      EXPECT_EQ(from->mesh.send(to->id, which, largest + "x"), send_result::too_big);
      ASSERT_TRUE(to->wait_for([&, node = to] { return !node->received.empty(); }));
      EXPECT_EQ(to->received.front()->bytes, largest);
      EXPECT_EQ(to->received.front()->which, which);
      EXPECT_EQ(to->received.front()->peer, from->id);
      EXPECT_EQ(to->received.front()->incarnation, 1u);
      to->received.clear();
    }
  EXPECT_EQ(low.mesh.send(cluster_.identities[2].node, lane::ctl, "x"), send_result::no_link);
}

TEST_F(peer_mesh_test, messages_of_a_lane_keep_their_order) {
  peer_node low(cluster_.identities[0]);
  peer_node high(cluster_.identities[1]);
  link(low, high);
  for (int i = 0; i < 500; ++i)
    ASSERT_EQ(low.mesh.send(high.id, lane::ctl, std::to_string(i)), send_result::queued);
  ASSERT_TRUE(high.wait_for([&] { return high.received.size() == 500; }));
  for (int i = 0; i < 500; ++i)
    ASSERT_EQ(high.received[static_cast<std::size_t>(i)]->bytes, std::to_string(i));
}

TEST_F(peer_mesh_test, a_killed_node_is_noticed_at_once_and_found_again_in_its_next_life) {
  peer_node low(cluster_.identities[0]);
  auto high = std::make_unique<peer_node>(cluster_.identities[1]);
  link(low, *high);
  const auto port = high->mesh.port();
  const auto id = high->id;
  high.reset();
  ASSERT_TRUE(low.wait_for([&] { return low.closed.size() >= lane_count; }, 1s));
  EXPECT_EQ(low.closed.front().why, peer_errc::closed_by_peer);
  high = std::make_unique<peer_node>(cluster_.identities[1], 2, port);
  high->mesh.set_members({low.address()});
  EXPECT_TRUE(low.wait_until_up(id, 2));
}

TEST_F(peer_mesh_test, a_new_life_takes_the_place_of_links_that_nobody_closed) {
  peer_node low(cluster_.identities[0]);
  peer_node high(cluster_.identities[1]);
  link(low, high);
  // The same node dials from a second process, as after a power cut: the first life's sockets never
  // saw an end.
  peer_node again(cluster_.identities[0], 2);
  again.mesh.set_members({high.address()});
  EXPECT_TRUE(high.wait_until_up(low.id, 2));
  low.mesh.set_members({});
  EXPECT_EQ(again.mesh.send(high.id, lane::ctl, "here"), send_result::queued);
  EXPECT_TRUE(high.wait_for([&] { return !high.received.empty(); }));
}

TEST_F(peer_mesh_test, the_earlier_life_is_refused_while_the_later_one_is_linked) {
  peer_node high(cluster_.identities[1]);
  peer_node later(cluster_.identities[0], 2);
  later.mesh.set_members({high.address()});
  high.mesh.set_members({later.address()});
  ASSERT_TRUE(high.wait_until_up(later.id, 2));
  peer_node earlier(cluster_.identities[0], 1);
  earlier.mesh.set_members({high.address()});
  EXPECT_TRUE(eventually([&] { return high.refused(peer_errc::stale_incarnation) > 0; }));
  EXPECT_EQ(high.up.at({later.id, lane::ctl}), 2u);
}

TEST_F(peer_mesh_test, a_member_taken_off_the_list_is_disconnected_and_stays_out) {
  peer_node low(cluster_.identities[0]);
  peer_node high(cluster_.identities[1]);
  link(low, high);
  high.mesh.set_members({});
  ASSERT_TRUE(high.wait_for([&] { return high.closed.size() == lane_count; }));
  EXPECT_EQ(high.closed.front().why, peer_errc::removed);
  EXPECT_TRUE(eventually([&] { return high.refused(peer_errc::not_a_member) > 0; }));
  EXPECT_EQ(high.mesh.send(low.id, lane::ctl, "x"), send_result::no_link);
}

TEST_F(peer_mesh_test, another_node_at_the_address_is_not_taken_for_the_one_we_want) {
  peer_node low(cluster_.identities[0]);
  peer_node other(cluster_.identities[2]);
  auto wrong = other.address();
  wrong.id = cluster_.identities[1].node;
  low.mesh.set_members({wrong});
  EXPECT_TRUE(eventually([&] {
    return low.mesh.metrics().dials_failed[static_cast<std::size_t>(peer_errc::wrong_node)] > 0;
  }));
}

TEST_F(peer_mesh_test, what_is_queued_when_the_node_stops_still_arrives) {
  peer_node low(cluster_.identities[0]);
  peer_node high(cluster_.identities[1]);
  link(low, high);
  ASSERT_EQ(low.mesh.send(high.id, lane::ctl, "goodbye"), send_result::queued);
  low.mesh.stop(2s);
  ASSERT_TRUE(
      high.wait_for([&] { return !high.received.empty() && high.closed.size() == lane_count; }));
  EXPECT_EQ(high.received.front()->bytes, "goodbye");
  ASSERT_TRUE(low.wait_for([&] { return low.closed.size() == lane_count; }));
  EXPECT_EQ(low.closed.front().why, peer_errc::stopping);
}

TEST_F(peer_mesh_test,
       a_receiver_that_does_not_handle_messages_stops_the_sender_and_not_its_memory) {
  peer_node low(cluster_.identities[0]);
  peer_node high(cluster_.identities[1]);
  link(low, high);
  const std::string body(rules_of(lane::bulk).message_bytes_max, 'b');
  // The recorder keeps every message, so none is handled. 16 there, 16 here, and what sockets hold
  // in between.
  int sent = 0;
  ASSERT_TRUE(eventually([&] {
    while (low.mesh.send(high.id, lane::bulk, body) == send_result::queued)
      ++sent;
    return high.mesh.metrics().of(lane::bulk).read_pauses > 0;
  }));
  EXPECT_LT(sent, 64);
  ASSERT_EQ(low.mesh.send(high.id, lane::ctl, "still here"), send_result::queued);
  ASSERT_TRUE(high.wait_for([&] { return high.received.back()->which == lane::ctl; }))
      << "a full lane blocks no other";
  {
    const std::lock_guard lock(high.mutex);
    high.received.clear();
  }
  EXPECT_TRUE(
      eventually([&] { return low.mesh.send(high.id, lane::bulk, body) == send_result::queued; }));
}
