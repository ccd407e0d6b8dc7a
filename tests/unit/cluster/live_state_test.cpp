// Standing orders: given, replaced, taken back, compared.
#include "cluster/live_state.hpp"

#include "cluster/errc.hpp"
#include "cluster/member_registry.hpp"
#include "cluster/meta_layout.hpp"
#include "tests/support/model_store.hpp"
#include "tests/support/sample_roster.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;
using test::numbered;
using enum standing;

namespace {

const stamp ann{"ann", wall_time{} + 1h};
const stamp bob{"bob", wall_time{} + 2h};

struct LiveState : testing::Test {
  live_state seen() { return live_state::read(store.read("live/")).value(); }
  bool apply(const result<meta_transaction>& what) {
    EXPECT_TRUE(what) << (what ? "" : what.error().message());
    return what && store.commit(*what).applied;
  }
  static server_order disable(bool yes) { return {"app", "10.0.0.2:80", yes, {}, false}; }
  static server_order weigh(std::uint32_t weight) {
    return {"app", "10.0.0.2:80", {}, weight, false};
  }

  test::model_store store;
  roster members = test::sample_roster(1, {up, left});
};

} // namespace

TEST_F(LiveState, a_node_is_drained_until_it_is_not) {
  EXPECT_EQ(drain(members, numbered(2), ann).error(), errc::unknown_member) << "it left";
  EXPECT_EQ(drain(members, numbered(9), ann).error(), errc::unknown_member);
  EXPECT_TRUE(apply(drain(members, numbered(1), ann)));
  EXPECT_TRUE(seen().is_drained(numbered(1)));
  EXPECT_TRUE(apply(undrain(numbered(1))));
  EXPECT_TRUE(apply(undrain(numbered(1))));
  EXPECT_FALSE(seen().is_drained(numbered(1)));
}

TEST_F(LiveState, orders_for_one_server_add_up_and_vanish_when_nothing_is_left_of_them) {
  EXPECT_TRUE(apply(order_server(seen(), disable(true), ann)));
  EXPECT_TRUE(apply(order_server(seen(), weigh(3), bob)));
  EXPECT_TRUE(seen().find("app", "10.0.0.2:80")->disabled);
  EXPECT_EQ(seen().find("app", "10.0.0.2:80")->weight, 3u);
  EXPECT_EQ(seen().find("app", "10.0.0.2:80")->made, bob);
  EXPECT_TRUE(apply(order_server(seen(), disable(false), ann)));
  EXPECT_TRUE(seen().find("app", "10.0.0.2:80"));
  EXPECT_TRUE(apply(order_server(seen(), {"app", "10.0.0.2:80", {}, {}, true}, ann)));
  EXPECT_TRUE(seen().servers.empty());
}

TEST_F(LiveState, two_orders_at_once_for_one_server_do_not_swallow_each_other) {
  const auto before = seen();
  EXPECT_TRUE(apply(order_server(before, disable(true), ann)));
  EXPECT_FALSE(apply(order_server(before, weigh(3), bob)));
  EXPECT_TRUE(apply(order_server(seen(), weigh(3), bob)));
  EXPECT_TRUE(seen().find("app", "10.0.0.2:80")->disabled);
}

TEST_F(LiveState, maintenance_has_an_allow_list_that_the_next_order_replaces) {
  EXPECT_TRUE(apply(begin_maintenance(seen(), {"shop", {{{}, 104}}, ann})));
  EXPECT_TRUE(apply(begin_maintenance(seen(), {"shop", {}, bob})));
  EXPECT_TRUE(seen().maintenance.at("shop").allowed.empty());
  EXPECT_TRUE(apply(end_maintenance("shop")));
  EXPECT_TRUE(seen().maintenance.empty());
}

TEST_F(LiveState, orders_are_bounded) {
  EXPECT_EQ(order_server({}, weigh(fact_limits::weight + 1), ann).error(), errc::out_of_range);
  EXPECT_EQ(begin_maintenance({}, {"", {}, ann}).error(), errc::out_of_range);
  live_state full;
  for (std::size_t n = 0; n < live_state::servers_max; ++n)
    full.servers[{"app", std::to_string(n)}] = {};
  EXPECT_EQ(order_server(full, disable(true), ann).error(), errc::too_many);
  EXPECT_TRUE(order_server(full, disable(false), ann));
  for (std::size_t n = 0; n < live_state::sites_max; ++n)
    full.maintenance[std::to_string(n)] = {};
  EXPECT_EQ(begin_maintenance(full, {"shop", {}, ann}).error(), errc::too_many);
  EXPECT_TRUE(begin_maintenance(full, {"7", {}, ann}));
}

TEST_F(LiveState, a_diff_names_what_changed_in_effect) {
  const auto nothing = seen();
  apply(drain(members, numbered(1), ann));
  apply(order_server(seen(), disable(true), ann));
  apply(begin_maintenance(seen(), {"shop", {}, ann}));
  const auto all = seen();
  EXPECT_TRUE(diff(all, all).empty());
  for (const auto& changes : {diff(nothing, all), diff(all, nothing)}) {
    EXPECT_EQ(changes.drained, std::set{numbered(1)});
    EXPECT_EQ(changes.servers.size(), 1u);
    EXPECT_EQ(changes.sites, std::set<std::string>{"shop"});
  }
  apply(drain(members, numbered(1), bob));
  apply(order_server(seen(), disable(true), bob));
  apply(begin_maintenance(seen(), {"shop", {}, bob}));
  EXPECT_TRUE(diff(all, seen()).empty()) << "ordered again, by somebody else";
  apply(order_server(seen(), weigh(0), bob));
  EXPECT_EQ(diff(all, seen()).servers.size(), 1u);
}

TEST_F(LiveState, a_record_under_a_wrong_key_is_an_error) {
  const auto fact = encode_fact(server_fact{"app", "a", true, {}, ann});
  EXPECT_TRUE(live_state::read({1, {{"live/server/app/a", fact, 1, 1}}}));
  EXPECT_EQ(live_state::read({1, {{"live/server/app/b", fact, 1, 1}}}).error(), errc::out_of_range);
  EXPECT_EQ(live_state::read({1, {{"live/else", fact, 1, 1}}}).error(), errc::out_of_range);
}

TEST_F(LiveState, the_order_to_drain_goes_with_the_member) {
  auto down_one = test::sample_roster(1, {up, down});
  apply(drain(down_one, numbered(2), ann));
  auto gone = forget(down_one, numbered(2)).value();
  gone.conditions.clear();
  store.commit(gone);
  EXPECT_FALSE(seen().is_drained(numbered(2)));
}
