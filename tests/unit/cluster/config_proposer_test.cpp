// An attempt, one answer at a time: what is asked next, and what the operator is told.
#include "cluster/config_proposer.hpp"

#include "cluster/errc.hpp"
#include "cluster/meta_layout.hpp"
#include "tests/support/model_store.hpp"
#include "tests/support/sample_roster.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;
using test::numbered;
using kind = rollout_step::kind;
using enum standing;

namespace {

const steady_time start = steady_time{} + 1h;

struct ConfigProposer : testing::Test {
  static version_fact wanted() {
    version_fact out;
    out.nonce = numbered(99);
    return out;
  }
  config_state_ptr state() {
    return std::make_shared<config_state>(config_state::read(store.read("config/")).value());
  }
  rollout_step tick() { return proposer.tick({members, unreachable, isolated}, now); }
  void read() {
    ASSERT_EQ(tick().what, kind::read);
    proposer.read_done(state(), now);
  }
  void commit(const rollout_step& step) {
    ASSERT_EQ(step.what, kind::commit);
    proposer.written(store.commit(step.transaction), now);
  }
  void vote(std::uint8_t n, bool accepted, std::string reason = "") {
    store.commit(cast_vote(*state(), numbered(n), {numbered(99), accepted, reason, {}}).value());
    proposer.seen(state());
  }
  /// Up to the point where votes are awaited.
  void get_proposed() {
    ASSERT_EQ(tick().what, kind::grant);
    proposer.granted(store.grant(5s, now), now);
    read();
    const auto step = tick();
    ASSERT_EQ(step.what, kind::upload);
    proposer.written(store.commit(upload(*state(), step.hash, "text").value()), now);
    read();
    commit(tick());
    read();
  }
  rollout_end finish() {
    for (int i = 0; i < 4; ++i)
      if (tick().what == kind::finished) return proposer.outcome().end;
    ADD_FAILURE() << "does not end";
    return rollout_end::unknown;
  }
  std::string told() { return sentence(proposer.outcome(), members); }

  test::model_store store;
  roster members = test::sample_roster(1, {up, up, leaving, joining, down, left});
  std::set<node_id> unreachable;
  bool isolated = false;
  steady_time now = start;
  config_proposer proposer{numbered(1), wanted(), start};
};

} // namespace

TEST_F(ConfigProposer, asks_all_that_serve_and_then_commits) {
  get_proposed();
  EXPECT_EQ(tick().what, kind::none);
  vote(1, true);
  vote(2, true);
  EXPECT_EQ(tick().what, kind::none) << "one that is leaving serves still";
  vote(3, true);
  commit(tick());
  EXPECT_EQ(tick().what, kind::revoke);
  EXPECT_EQ(finish(), rollout_end::done);
  EXPECT_EQ(told(), "version 1 is in force");
  EXPECT_EQ(state()->version(), 1u);
}

TEST_F(ConfigProposer, goes_on_without_those_it_does_not_reach_and_says_so) {
  get_proposed();
  vote(1, true);
  vote(2, true);
  unreachable.insert(numbered(3));
  commit(tick());
  EXPECT_EQ(finish(), rollout_end::done);
  EXPECT_EQ(told(), "version 1 is in force; away, and to load it later: edge3");
}

TEST_F(ConfigProposer, one_that_rejected_counts_even_if_it_is_gone_now) {
  get_proposed();
  vote(3, false, "no such file");
  unreachable.insert(numbered(3));
  commit(tick());
  read();
  EXPECT_EQ(finish(), rollout_end::rejected);
  EXPECT_EQ(told(), "nothing was changed: edge3: no such file");
  EXPECT_FALSE(state()->proposal);
}

TEST_F(ConfigProposer, names_who_did_not_answer_in_time) {
  get_proposed();
  vote(1, true);
  tick();
  now += config_proposer::votes_within;
  EXPECT_EQ(tick().what, kind::keep_alive);
  proposer.kept({}, now);
  commit(tick());
  read();
  EXPECT_EQ(finish(), rollout_end::timed_out);
  EXPECT_EQ(told(), "nothing was changed: not decided in time; edge2 does not answer; edge3 does "
                    "not answer");
}

TEST_F(ConfigProposer, does_not_commit_while_isolated) {
  get_proposed();
  for (const std::uint8_t n : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}})
    vote(n, true);
  isolated = true;
  EXPECT_EQ(tick().what, kind::none);
  isolated = false;
  EXPECT_EQ(tick().what, kind::commit);
}

TEST_F(ConfigProposer, does_not_begin_while_isolated) {
  tick();
  isolated = true;
  proposer.granted(7, now);
  read();
  EXPECT_EQ(finish(), rollout_end::isolated);
}

TEST_F(ConfigProposer, another_base_or_another_attempt_is_a_conflict) {
  proposer = config_proposer(
      numbered(1),
      [] {
        auto out = wanted();
        out.parent = 4;
        return out;
      }(),
      start);
  tick();
  proposer.granted(7, now);
  read();
  EXPECT_EQ(finish(), rollout_end::conflict);
}

TEST_F(ConfigProposer, an_unanswered_commit_is_settled_by_reading) {
  get_proposed();
  for (const std::uint8_t n : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}})
    vote(n, true);
  const auto step = tick();
  store.commit(step.transaction);
  proposer.written(meta_errc::unknown, now);
  EXPECT_EQ(tick().what, kind::none) << "not at once";
  now += config_proposer::retry_after;
  read();
  EXPECT_EQ(finish(), rollout_end::done);
}

TEST_F(ConfigProposer, a_commit_that_is_never_settled_is_unknown_and_nothing_else_is) {
  get_proposed();
  for (const std::uint8_t n : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}})
    vote(n, true);
  tick();
  proposer.written(meta_errc::unknown, now);
  now = start + config_proposer::gives_up_after;
  EXPECT_EQ(tick().what, kind::none);
  EXPECT_EQ(finish(), rollout_end::unknown);
  EXPECT_EQ(told(), "version 1 may be in force or not: the cluster did not answer; look at the "
                    "history");
  config_proposer silent(numbered(1), wanted(), start);
  silent.tick({members, unreachable, false}, start);
  silent.granted(meta_errc::unavailable, start);
  now = start + config_proposer::gives_up_after;
  silent.tick({members, unreachable, false}, now);
  EXPECT_EQ(silent.tick({members, unreachable, false}, now).what, kind::finished);
  EXPECT_EQ(silent.outcome().end, rollout_end::unavailable);
}

TEST_F(ConfigProposer, bytes_that_cannot_be_had_end_it) {
  tick();
  proposer.granted(7, now);
  read();
  EXPECT_EQ(tick().what, kind::upload);
  proposer.written(errc::out_of_range, now);
  EXPECT_EQ(finish(), rollout_end::invalid);
}
