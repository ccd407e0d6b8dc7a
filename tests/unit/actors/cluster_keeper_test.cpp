// The cluster keeper on CAF's test scheduler: virtual time, links made of function calls.
#include "actors/cluster_keeper.hpp"

#include "cluster/errc.hpp"

#include <gtest/gtest.h>

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <optional>

namespace weir::actors {
namespace {

using cluster::condition;
using cluster::errc;
using cluster::member_state;

struct virtual_time : caf::actor_system_config {
  virtual_time() { set("scheduler.policy", caf::atom("testing")); }
};

node_id id_of(std::uint8_t number) {
  node_id id;
  id.bytes[15] = number;
  return id;
}

/// Two keepers whose lanes hand messages straight to the other's mailbox.
class cluster_keeper_test : public testing::Test {
protected:
  struct member {
    cluster_keeper_actor keeper;
    std::shared_ptr<cluster_board> board = std::make_shared<cluster_board>();
    bool drained = false; // as remembered
    bool told_to_drain = false;
    bool left = false;
  };

  cluster_keeper_test() {
    auto list = std::make_shared<cluster::static_members>(
        cluster::member_list{1, {{id_of(1), "edge1", ""}, {id_of(2), "edge2", ""}}});
    for (std::uint8_t i = 0; i < 2; ++i) {
      cluster_keeper_options options;
      options.self = id_of(static_cast<std::uint8_t>(i + 1));
      options.name = i == 0 ? "edge1" : "edge2";
      options.incarnation = 1;
      options.source = list;
      options.board = members_[i].board;
      options.facts = [] { return cluster::local_facts{condition::ready, "0.1.0", 3, "abc", 7}; };
      options.send = [this, i](const node_id&, std::string bytes) {
        return carry(i, std::move(bytes));
      };
      options.remember_drained = [this, i](bool on) {
        members_[i].drained = on;
        return disk_failure_;
      };
      options.on_drain = [this, i](bool on) { members_[i].told_to_drain = on; };
      options.on_left = [this, i] { members_[i].left = true; };
      members_[i].keeper = system_.spawn(cluster_keeper, options);
    }
    run();
  }
  ~cluster_keeper_test() override {
    for (auto& each : members_)
      caf::anon_send_exit(each.keeper, caf::exit_reason::user_shutdown);
    run();
  }

  bool carry(std::uint8_t from, std::string bytes) {
    if (cut_) return false;
    caf::anon_send(members_[1 - from].keeper,
                   std::make_shared<const net::peer_message>(
                       id_of(static_cast<std::uint8_t>(from + 1)), net::lane::ctl, std::uint64_t{1},
                       std::move(bytes), window_));
    return true;
  }
  void link(bool up) {
    for (std::uint8_t i = 0; i < 2; ++i)
      caf::anon_send(members_[i].keeper, std::make_shared<const link_change>(link_change{
                                             id_of(static_cast<std::uint8_t>(2 - i)), 1, up, {}}));
    run();
  }
  std::optional<error_code> drain(const std::string& node, bool on) {
    auto outcome = std::make_shared<std::optional<error_code>>();
    caf::anon_send(members_[0].keeper, cluster_drain_atom::value,
                   std::make_shared<const drain_order>(
                       drain_order{node, on, [outcome](error_code how) { *outcome = how; }}));
    run();
    if (!*outcome) advance(4s);
    return *outcome;
  }
  void run() { scheduler().run(); }
  void advance(duration by) {
    for (duration done{}; done < by; done += 50ms) {
      scheduler().advance_time(50ms);
      run();
    }
  }
  member_state opinion(int of, const std::string& about) {
    const cluster::member_view_ptr view = members_[of].board->view;
    return view->find(about)->state;
  }
  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  virtual_time config_;
  caf::actor_system system_{config_};
  std::shared_ptr<net::receive_window> window_ =
      std::make_shared<net::receive_window>(1u << 20, [] {});
  bool cut_ = false;
  error_code disk_failure_;
  member members_[2];
};

TEST_F(cluster_keeper_test, linked_keepers_see_each_other_ready_with_all_figures) {
  EXPECT_EQ(opinion(0, "edge2"), member_state::suspect);
  link(true);
  advance(300ms);
  EXPECT_EQ(opinion(0, "edge2"), member_state::ready);
  EXPECT_EQ(opinion(1, "edge1"), member_state::ready);
  const cluster::member_view_ptr view = members_[0].board->view;
  const auto* row = view->find("edge2");
  EXPECT_EQ(row->config_version, 3u);
  EXPECT_EQ(row->config_digest, "abc");
  EXPECT_EQ(row->rps, 7u);
  EXPECT_TRUE(row->linked);
}

TEST_F(cluster_keeper_test, a_closed_lane_shows_as_suspect_at_once_and_down_after_five_seconds) {
  link(true);
  advance(1s);
  link(false);
  EXPECT_EQ(opinion(0, "edge2"), member_state::suspect);
  EXPECT_EQ(members_[0].board->suspected, 1u);
  advance(5100ms);
  EXPECT_EQ(opinion(0, "edge2"), member_state::down);
  link(true);
  EXPECT_EQ(opinion(0, "edge2"), member_state::ready);
}

TEST_F(cluster_keeper_test, a_node_drains_itself_and_everyone_sees_it) {
  link(true);
  advance(1s);
  EXPECT_EQ(drain("edge1", true), error_code{});
  EXPECT_TRUE(members_[0].told_to_drain);
  EXPECT_TRUE(members_[0].drained);
  EXPECT_EQ(opinion(0, "edge1"), member_state::draining);
  EXPECT_EQ(opinion(1, "edge1"), member_state::draining);
  EXPECT_EQ(drain("edge1", false), error_code{});
  EXPECT_FALSE(members_[0].drained);
  EXPECT_EQ(opinion(1, "edge1"), member_state::ready);
}

TEST_F(cluster_keeper_test, another_node_is_drained_over_the_link) {
  link(true);
  advance(1s);
  EXPECT_EQ(drain("edge2", true), error_code{});
  EXPECT_TRUE(members_[1].told_to_drain);
  EXPECT_TRUE(members_[1].drained);
  advance(100ms);
  EXPECT_EQ(opinion(0, "edge2"), member_state::draining);
}

TEST_F(cluster_keeper_test, a_drain_that_cannot_be_done_says_why) {
  EXPECT_EQ(drain("edge9", true), errc::unknown_member);
  EXPECT_EQ(drain("edge2", true), errc::not_linked);
  link(true);
  advance(1s);
  disk_failure_ = errc::busy;
  EXPECT_EQ(drain("edge2", true), errc::refused);
  EXPECT_FALSE(members_[1].told_to_drain) << "what is not remembered is not begun";
  cut_ = true;
  EXPECT_EQ(drain("edge2", true), errc::timed_out);
}

TEST_F(cluster_keeper_test, a_goodbye_is_down_at_once_without_a_suspicion) {
  link(true);
  advance(1s);
  caf::anon_send(members_[1].keeper, cluster_leave_atom::value);
  run();
  EXPECT_TRUE(members_[1].left);
  EXPECT_EQ(opinion(0, "edge2"), member_state::down);
  EXPECT_EQ(members_[0].board->suspected, 0u);
}

TEST_F(cluster_keeper_test, garbage_is_counted_and_a_later_versions_message_skipped) {
  link(true);
  carry(1, "garbage");
  run();
  EXPECT_EQ(members_[0].board->undecodable, 1u);
  carry(1, std::string("\x7f\xff\x00\x01\0\0\0\0\0\0\0\1", 12));
  run();
  EXPECT_EQ(members_[0].board->undecodable, 1u);
}

} // namespace
} // namespace weir::actors
