// Many administrators at once, with rosters of different ages: whatever they do, the membership
// stays sound.
#include "cluster/member_registry.hpp"
#include "cluster/meta_layout.hpp"
#include "tests/sim/sim_cluster.hpp"
#include "tests/support/model_store.hpp"

#include <gtest/gtest.h>

#include <set>

using namespace weir;
using namespace weir::cluster;

namespace {

const wall_time noon{std::chrono::seconds(1'700'000'000)};

/// Few ids, names and tokens, so that everybody is in everybody's way.
struct crowd {
  explicit crowd(std::uint64_t seed) : random(seed) {
    commit(found_cluster({{}, "shop", noon}, {{{}, "edge0", "h:1"}}, noon));
    views.resize(4, now());
  }

  node_id id() {
    node_id out;
    out.bytes[0] = static_cast<std::uint8_t>(random.below(8));
    return out;
  }
  content_hash hash() {
    content_hash out;
    out.bytes[0] = static_cast<std::uint8_t>(random.below(4));
    return out;
  }
  std::string name() { return "edge" + std::to_string(random.below(5)); }
  roster now() { return roster::read(store.read(std::string(meta_layout::members))).value(); }
  bool commit(const result<meta_transaction>& what) { return what && store.commit(*what).applied; }

  result<meta_transaction> some_change(const roster& seen) {
    const leadership_proof nobody{0};
    switch (random.below(11)) {
    case 0:
    case 1:
      return create_token(
          seen, hash(), {noon + 1h, 1 + static_cast<std::uint32_t>(random.below(2)), "", {}}, noon);
    case 2:
    case 3: {
      const auto who = id();
      const auto instead =
          random.below(3) == 0 ? std::optional<node_id>(id()) : std::optional<node_id>();
      return join(seen, {who, name(), "h:1", hash(), who, instead}, noon);
    }
    case 4:
      return become_up(seen, id(), 0, noon);
    case 5:
      return ask_to_leave(seen, id(), noon);
    case 6:
      return mark_left(seen, id(), noon);
    case 7:
      return mark_down(seen, id(), nobody, noon);
    case 8:
      return let_back(seen, id(), nobody, noon);
    case 9:
      return forget(seen, id());
    default:
      return revoke(seen, id(), noon);
    }
  }

  random_source random;
  test::model_store store;
  std::vector<roster> views;
};

std::set<node_id> ids(const roster& from) {
  std::set<node_id> out;
  for (const auto& [id, each] : from.members)
    out.insert(id);
  return out;
}

/// What must hold of any roster, and between one and the next.
void expect_sound(const roster& before, const roster& after) {
  EXPECT_GE(after.count(standing::up), 1u);
  std::set<std::string> names;
  for (const auto& [id, each] : after.members) {
    EXPECT_TRUE(names.insert(each.fact.name).second) << each.fact.name;
    EXPECT_LE(each.fact.since_epoch, after.epoch);
  }
  if (after.epoch == before.epoch) {
    EXPECT_EQ(ids(after), ids(before));
    for (const auto& [id, each] : after.members)
      EXPECT_EQ(each.modified, before.members.at(id).modified);
    return;
  }
  EXPECT_EQ(after.epoch, before.epoch + 1);
  std::size_t changed = 0;
  for (const auto& [id, each] : after.members)
    changed += !before.find(id) || before.members.at(id).modified != each.modified;
  EXPECT_LE(changed, 1u) << "two majorities meet only if lists change one member at a time";
  for (const auto& [id, each] : before.members)
    EXPECT_TRUE(each.fact.state != standing::revoked || !after.find(id) ||
                after.find(id)->state == standing::revoked);
}

} // namespace

TEST(registry, stays_sound_under_a_crowd_with_old_views) {
  sim::for_each_seed(200, [](std::uint64_t seed) {
    crowd all(seed);
    for (int step = 0; step < 300; ++step) {
      auto& view = all.views[all.random.below(all.views.size())];
      if (all.random.below(3) == 0) view = all.now();
      const auto before = all.now();
      const auto wanted = all.some_change(view);
      all.commit(wanted);
      // An answer that was lost makes its sender try again.
      if (all.random.below(4) == 0) {
        const auto between = all.now();
        all.commit(wanted);
        EXPECT_TRUE(between.epoch == before.epoch || all.now().epoch == between.epoch);
      }
      ASSERT_NO_FATAL_FAILURE(expect_sound(before, all.now()));
      if (testing::Test::HasFailure()) return;
    }
  });
}

TEST(registry, one_token_lets_in_as_many_as_it_says_whoever_hurries) {
  sim::for_each_seed(200, [](std::uint64_t seed) {
    crowd all(seed);
    const auto uses = static_cast<std::uint32_t>(1 + all.random.below(3));
    ASSERT_TRUE(all.commit(create_token(all.now(), {}, {noon + 1h, uses, "", {}}, noon)));
    std::size_t in = 0;
    for (std::uint8_t n = 10; n < 60; ++n) {
      auto& view = all.views[all.random.below(all.views.size())];
      if (all.random.below(2) == 0) view = all.now();
      node_id who;
      who.bytes[0] = n;
      in += all.commit(join(view, {who, "n" + std::to_string(n), "h:1", {}, who, {}}, noon));
    }
    EXPECT_EQ(in, uses);
  });
}
