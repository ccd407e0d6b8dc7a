// One node and the agreed configuration.
#include "cluster/config_follower.hpp"

#include "base/meta_store.hpp"
#include "cluster/meta_layout.hpp"
#include "tests/support/sample_roster.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;
using test::numbered;
using kind = follower_step::kind;

namespace {

const steady_time start = steady_time{} + 1h;

version_fact version(std::uint8_t n) {
  version_fact out;
  out.version = n;
  out.nonce = numbered(n);
  return out;
}

config_state_ptr state(std::uint64_t revision, std::uint8_t head, std::uint8_t proposed = 0) {
  auto out = std::make_shared<config_state>();
  out->revision = revision;
  if (head) {
    out->head = {{head, {}, {}}, revision};
    out->versions[head] = {version(head), revision};
  }
  if (proposed) out->proposal = {{version(proposed), numbered(9), {}}, revision};
  return out;
}

vote_fact vote_in(const follower_step& step) {
  return decode_fact<vote_fact>(step.transaction.changes.at(0).value).value();
}

const result<void> good;
const result<void> bad = meta_errc::unavailable;

} // namespace

TEST(config_follower, does_nothing_before_it_knows_anything_and_nothing_when_all_is_well) {
  config_follower node(numbered(1), version(3));
  EXPECT_EQ(node.tick(start).what, kind::none);
  EXPECT_FALSE(node.caught_up());
  node.seen(state(5, 3));
  EXPECT_TRUE(node.caught_up());
  EXPECT_EQ(node.head_modified(), 5u);
  EXPECT_EQ(node.tick(start).what, kind::none);
}

TEST(config_follower, votes_once_it_has_loaded_and_uses_only_what_is_in_force) {
  config_follower node(numbered(1), version(3));
  node.seen(state(5, 3, 4));
  EXPECT_EQ(node.tick(start).version.version, 4u);
  EXPECT_EQ(node.tick(start).what, kind::none);
  node.loaded(numbered(4), good, "", start);
  const auto vote = node.tick(start);
  ASSERT_EQ(vote.what, kind::vote);
  EXPECT_TRUE(vote_in(vote).accepted);
  node.voted(meta_outcome{true, 6}, start);
  EXPECT_EQ(node.tick(start).what, kind::none);
  EXPECT_EQ(node.in_use()->version, 3u);
  node.seen(state(7, 4));
  EXPECT_EQ(node.tick(start).what, kind::use) << "it is loaded already";
  EXPECT_EQ(node.in_use()->version, 4u);
}

TEST(config_follower, a_vote_is_repeated_until_the_store_shows_it) {
  config_follower node(numbered(1), version(3));
  node.seen(state(5, 3, 4));
  node.tick(start);
  node.loaded(numbered(4), bad, std::string(5000, 'x') + "\xff", start);
  auto vote = node.tick(start);
  EXPECT_FALSE(vote_in(vote).accepted);
  EXPECT_EQ(vote_in(vote).reason.size(), fact_limits::reason_bytes);
  node.voted(meta_errc::unknown, start);
  EXPECT_EQ(node.tick(start + 499ms).what, kind::none);
  EXPECT_EQ(node.tick(start + 500ms).what, kind::vote);
  node.voted(meta_outcome{true, 6}, start + 500ms);
  auto after = std::make_shared<config_state>(*state(6, 3, 4));
  after->votes[numbered(1)] = {numbered(4), false, "x", {}};
  node.seen(after);
  EXPECT_EQ(node.tick(start + 2s).what, kind::none);
}

TEST(config_follower, refuses_what_is_in_force_and_cannot_be_loaded_and_tries_again) {
  config_follower node(numbered(1), version(3));
  node.seen(state(5, 4));
  EXPECT_EQ(node.tick(start).what, kind::load);
  node.loaded(numbered(4), bad, "no such folder", start);
  const auto step = node.tick(start);
  EXPECT_EQ(step.what, kind::refuse);
  EXPECT_EQ(step.reason, "no such folder");
  EXPECT_EQ(node.refusing(), "no such folder");
  EXPECT_EQ(node.tick(start + 29s).what, kind::none) << "said once";
  EXPECT_EQ(node.tick(start + 30s).what, kind::load);
  node.loaded(numbered(4), good, "", start + 30s);
  EXPECT_EQ(node.tick(start + 30s).what, kind::use);
  EXPECT_EQ(node.refusing(), "");
}

TEST(config_follower, one_that_refuses_votes_on_the_repair) {
  config_follower node(numbered(1), version(3));
  node.seen(state(5, 4));
  node.tick(start);
  node.loaded(numbered(4), bad, "no such folder", start);
  node.tick(start);
  node.seen(state(6, 4, 5));
  EXPECT_EQ(node.tick(start).version.version, 5u);
  node.loaded(numbered(5), good, "", start);
  EXPECT_TRUE(vote_in(node.tick(start)).accepted);
  node.seen(state(7, 5));
  EXPECT_EQ(node.tick(start).what, kind::use);
}

TEST(config_follower, answers_about_what_is_no_longer_asked_are_ignored) {
  config_follower node(numbered(1), version(3));
  node.seen(state(5, 3, 4));
  node.tick(start);
  node.seen(state(6, 3));
  EXPECT_EQ(node.tick(start).what, kind::none);
  node.loaded(numbered(4), good, "", start);
  node.seen(state(5, 3, 4));
  EXPECT_EQ(node.tick(start).what, kind::none) << "an older state";
}

TEST(config_follower, an_empty_machine_takes_what_there_is) {
  config_follower node(numbered(1), std::nullopt);
  node.seen(state(5, 0));
  EXPECT_TRUE(node.caught_up());
  node.seen(state(6, 4));
  EXPECT_FALSE(node.caught_up());
  node.tick(start);
  node.loaded(numbered(4), good, "", start);
  EXPECT_EQ(node.tick(start).what, kind::use);
  EXPECT_TRUE(node.caught_up());
}
