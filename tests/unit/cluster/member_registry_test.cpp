// Changes of the committed membership: what is allowed, what is refused, what cannot happen twice.
#include "cluster/member_registry.hpp"

#include "cluster/errc.hpp"
#include "cluster/meta_layout.hpp"
#include "tests/support/model_store.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;

namespace {

const wall_time noon{std::chrono::seconds(1'700'000'000)};

node_id id(std::uint8_t n) {
  node_id out;
  out.bytes[15] = n;
  return out;
}
content_hash hash(std::uint8_t n) {
  content_hash out;
  out.bytes[31] = n;
  return out;
}
std::string name(std::uint8_t n) {
  return "edge" + std::to_string(n);
}

struct MemberRegistry : testing::Test {
  MemberRegistry() { apply(found_cluster({id(99), "shop", noon}, {entry(1), entry(2)}, noon)); }

  static member_entry entry(std::uint8_t n) { return {id(n), name(n), "10.0.0.1:7400"}; }
  static join_request request(std::uint8_t n) {
    return {id(n), name(n), "10.0.0.1:7400", hash(n), id(n), std::nullopt};
  }
  roster seen() { return roster::read(store.read(std::string(meta_layout::members))).value(); }
  bool apply(const result<meta_transaction>& what) {
    EXPECT_TRUE(what) << (what ? "" : what.error().message());
    return what && store.commit(*what).applied;
  }
  void add_token(std::uint8_t n, token_fact token = {noon + 10min, 1, "", {"ann", noon}}) {
    EXPECT_TRUE(apply(create_token(seen(), hash(n), token, noon)));
  }
  void add_member(std::uint8_t n) {
    add_token(n);
    EXPECT_TRUE(apply(join(seen(), request(n), noon)));
    EXPECT_TRUE(apply(become_up(seen(), id(n), 0, noon)));
  }
  standing state(std::uint8_t n) { return seen().find(id(n))->state; }
  leadership_proof lead() {
    store.commit({{}, {{meta_change::kind::put, "leader", "x"}}});
    return {store.revision()};
  }

  test::model_store store;
};

} // namespace

TEST_F(MemberRegistry, founds_a_cluster_once) {
  EXPECT_EQ(seen().epoch, 1u);
  EXPECT_EQ(seen().count(standing::up), 2u);
  EXPECT_FALSE(apply(found_cluster({id(98), "other", noon}, {entry(3)}, noon)));
  EXPECT_EQ(found_cluster({id(98), "o", noon}, {}, noon).error(), errc::too_many);
  EXPECT_EQ(found_cluster({id(98), "o", noon}, {entry(3), entry(3)}, noon).error(),
            errc::name_taken);
}

TEST_F(MemberRegistry, a_node_goes_through_its_whole_life_and_each_step_is_an_epoch) {
  add_token(3);
  EXPECT_EQ(seen().epoch, 1u) << "a token is no member";
  EXPECT_TRUE(apply(join(seen(), request(3), noon)));
  EXPECT_EQ(state(3), standing::joining);
  EXPECT_TRUE(apply(become_up(seen(), id(3), 0, noon)));
  EXPECT_TRUE(apply(change_address(seen(), id(3), "10.0.0.9:7400", noon)));
  EXPECT_EQ(seen().find(id(3))->address, "10.0.0.9:7400");
  EXPECT_EQ(state(3), standing::up);
  EXPECT_TRUE(apply(ask_to_leave(seen(), id(3), noon)));
  EXPECT_TRUE(apply(mark_left(seen(), id(3), noon + 5s)));
  EXPECT_EQ(seen().find(id(3))->since_epoch, 6u);
  EXPECT_EQ(seen().find(id(3))->since, noon + 5s);
  EXPECT_TRUE(apply(forget(seen(), id(3))));
  EXPECT_EQ(seen().epoch, 7u);
  EXPECT_FALSE(seen().find(id(3)));
}

TEST_F(MemberRegistry, a_token_lets_in_once_in_time_and_under_its_name) {
  add_token(3);
  EXPECT_EQ(join(seen(), request(4), noon).error(), errc::bad_token);
  EXPECT_EQ(join(seen(), request(3), noon + 10min).error(), errc::bad_token);
  EXPECT_TRUE(apply(join(seen(), request(3), noon)));
  auto again = request(4);
  again.token = hash(3);
  EXPECT_EQ(join(seen(), again, noon).error(), errc::bad_token);
  add_token(5, {noon + 1min, 1, "edge7", {"ann", noon}});
  EXPECT_EQ(join(seen(), request(5), noon).error(), errc::bad_token);
  add_token(6, {noon + 1min, 2, "", {"ann", noon}});
  auto first = request(8);
  auto second = request(9);
  first.token = second.token = hash(6);
  EXPECT_TRUE(apply(join(seen(), first, noon)));
  EXPECT_TRUE(apply(join(seen(), second, noon)));
  EXPECT_FALSE(seen().tokens.contains(hash(6)));
}

TEST_F(MemberRegistry, two_joins_with_one_token_at_once_let_one_in) {
  add_token(3);
  auto other = request(4);
  other.token = hash(3);
  const auto before = seen();
  EXPECT_TRUE(apply(join(before, request(3), noon)));
  EXPECT_FALSE(apply(join(before, other, noon)));
  EXPECT_FALSE(seen().find(id(4)));
}

TEST_F(MemberRegistry, a_revoked_token_lets_nobody_in_not_even_one_who_saw_it) {
  add_token(3);
  const auto before = seen();
  EXPECT_TRUE(apply(revoke_token(before, hash(3))));
  EXPECT_FALSE(apply(join(before, request(3), noon)));
  EXPECT_EQ(revoke_token(seen(), hash(3)).error(), errc::bad_token);
}

TEST_F(MemberRegistry, ids_and_names_are_unique_and_the_certificate_must_be_the_nodes_own) {
  add_token(3);
  auto forged = request(3);
  forged.certified = id(1);
  EXPECT_EQ(join(seen(), forged, noon).error(), errc::wrong_identity);
  auto twin = request(3);
  twin.name = name(1);
  EXPECT_EQ(join(seen(), twin, noon).error(), errc::name_taken);
  auto same = request(3);
  same.id = same.certified = id(1);
  EXPECT_EQ(join(seen(), same, noon).error(), errc::id_taken);
  auto huge = request(3);
  huge.address.assign(300, 'x');
  EXPECT_EQ(join(seen(), huge, noon).error(), errc::out_of_range);
}

TEST_F(MemberRegistry, tokens_are_bounded_in_number_and_time) {
  const token_fact token{noon + 10min, 1, "", {"ann", noon}};
  for (std::uint8_t n = 0; n < registry_limits::tokens; ++n)
    add_token(n);
  EXPECT_EQ(create_token(seen(), hash(200), token, noon).error(), errc::too_many);
  EXPECT_EQ(create_token(seen(), hash(0), token, noon).error(), errc::id_taken);
  auto late = token;
  late.expires = noon + 2h;
  EXPECT_TRUE(apply(create_token(seen(), hash(200), late, noon + 1h)));
  EXPECT_EQ(seen().tokens.size(), 1u) << "the expired ones are gone";
  auto endless = token;
  endless.expires = noon + 25h;
  EXPECT_EQ(create_token(seen(), hash(201), endless, noon).error(), errc::out_of_range);
  EXPECT_EQ(create_token({}, hash(201), token, noon).error(), errc::no_cluster);
}

TEST_F(MemberRegistry, only_a_leader_marks_down_and_lets_back_and_a_deposed_one_does_not) {
  const auto proof = lead();
  const auto before = seen();
  lead();
  EXPECT_FALSE(apply(mark_down(before, id(2), proof, noon)));
  EXPECT_EQ(state(2), standing::up);
  EXPECT_TRUE(apply(mark_down(before, id(2), lead(), noon)));
  EXPECT_EQ(state(2), standing::down);
  EXPECT_EQ(become_up(seen(), id(2), 0, noon).error(), errc::wrong_state) << "fenced";
  EXPECT_FALSE(apply(let_back(seen(), id(2), proof, noon)));
  EXPECT_TRUE(apply(let_back(seen(), id(2), lead(), noon)));
  EXPECT_EQ(state(2), standing::joining);
  EXPECT_TRUE(apply(become_up(seen(), id(2), 0, noon)));
}

TEST_F(MemberRegistry, nobody_becomes_up_on_a_configuration_that_is_no_longer_in_force) {
  add_token(3);
  apply(join(seen(), request(3), noon));
  store.commit({{}, {{meta_change::kind::put, std::string(meta_layout::head), "v1"}}});
  const auto caught_up_with = store.revision();
  store.commit({{}, {{meta_change::kind::put, std::string(meta_layout::head), "v2"}}});
  EXPECT_FALSE(apply(become_up(seen(), id(3), caught_up_with, noon)));
  EXPECT_TRUE(apply(become_up(seen(), id(3), store.revision(), noon)));
}

TEST_F(MemberRegistry, the_last_member_that_serves_stays) {
  apply(ask_to_leave(seen(), id(2), noon));
  EXPECT_EQ(ask_to_leave(seen(), id(1), noon).error(), errc::last_member);
  EXPECT_EQ(revoke(seen(), id(1), noon).error(), errc::last_member);
  EXPECT_EQ(mark_down(seen(), id(1), lead(), noon).error(), errc::last_member);
}

TEST_F(MemberRegistry, a_revoked_member_is_out_for_good) {
  EXPECT_TRUE(apply(revoke(seen(), id(2), noon)));
  EXPECT_EQ(state(2), standing::revoked);
  add_token(2);
  EXPECT_EQ(join(seen(), request(2), noon).error(), errc::id_taken);
  auto replacing = request(3);
  replacing.token = hash(2);
  replacing.replaces = id(2);
  EXPECT_EQ(join(seen(), replacing, noon).error(), errc::wrong_state);
  EXPECT_EQ(change_address(seen(), id(2), "h:1", noon).error(), errc::wrong_state);
  EXPECT_EQ(revoke(seen(), id(2), noon).error(), errc::wrong_state);
  EXPECT_TRUE(apply(forget(seen(), id(2))));
}

TEST_F(MemberRegistry, a_dead_member_is_replaced_under_its_name_and_its_old_self_is_gone) {
  add_token(3);
  auto heir = request(3);
  heir.name = name(2);
  heir.replaces = id(2);
  EXPECT_EQ(join(seen(), heir, noon).error(), errc::wrong_state) << "it is alive";
  apply(mark_down(seen(), id(2), lead(), noon));
  EXPECT_TRUE(apply(join(seen(), heir, noon)));
  EXPECT_FALSE(seen().find(id(2)));
  EXPECT_EQ(seen().find(name(2))->id, id(3));
  heir.replaces = id(77);
  heir.id = heir.certified = id(4);
  add_token(3);
  EXPECT_EQ(join(seen(), heir, noon).error(), errc::unknown_member);
}

TEST_F(MemberRegistry, a_name_is_free_again_when_its_member_has_left) {
  apply(ask_to_leave(seen(), id(2), noon));
  apply(mark_left(seen(), id(2), noon));
  add_token(3);
  auto next = request(3);
  next.name = name(2);
  EXPECT_TRUE(apply(join(seen(), next, noon)));
  EXPECT_FALSE(seen().find(id(2)));
}

TEST_F(MemberRegistry, steps_out_of_order_are_refused) {
  EXPECT_EQ(become_up(seen(), id(1), 0, noon).error(), errc::wrong_state);
  EXPECT_EQ(mark_left(seen(), id(1), noon).error(), errc::wrong_state);
  EXPECT_EQ(forget(seen(), id(1)).error(), errc::wrong_state);
  EXPECT_EQ(let_back(seen(), id(1), lead(), noon).error(), errc::wrong_state);
  EXPECT_EQ(become_up(seen(), id(9), 0, noon).error(), errc::unknown_member);
}

TEST_F(MemberRegistry, a_hundred_joins_and_leaves_leave_a_bounded_list) {
  for (std::uint8_t n = 10; n < 110; ++n) {
    add_member(n);
    EXPECT_TRUE(apply(ask_to_leave(seen(), id(n), noon)));
    EXPECT_TRUE(apply(mark_left(seen(), id(n), noon)));
  }
  EXPECT_EQ(seen().members.size(), 2u + registry_limits::left);
  EXPECT_TRUE(seen().find(id(109)));
  EXPECT_FALSE(seen().find(id(10)));
  EXPECT_EQ(seen().epoch, 401u);
}

TEST_F(MemberRegistry, members_are_bounded) {
  for (std::uint8_t n = 3; n <= registry_limits::members; ++n)
    add_member(n);
  add_token(200);
  EXPECT_EQ(join(seen(), request(200), noon).error(), errc::too_many);
}

TEST(roster, is_refused_whole_when_a_part_of_it_cannot_be_read) {
  const meta_entry good{meta_layout::node(id(1)),
                        encode_fact(member_fact{id(1), "edge1", "h:1", standing::up, 1, noon}), 1,
                        1};
  auto moved = good;
  moved.key = meta_layout::node(id(2));
  auto garbage = good;
  garbage.value = "\xff";
  EXPECT_TRUE(roster::read({1, {good}}));
  EXPECT_EQ(roster::read({1, {moved}}).error(), errc::out_of_range);
  EXPECT_EQ(roster::read({1, {garbage}}).error(), errc::malformed);
  EXPECT_EQ(roster::read({1, {{"members/else", "", 1, 1}}}).error(), errc::out_of_range);
}
