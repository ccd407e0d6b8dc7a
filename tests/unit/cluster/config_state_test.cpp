// The agreed configuration: what is read, and which transactions it allows.
#include "cluster/config_state.hpp"

#include "cluster/errc.hpp"
#include "cluster/meta_layout.hpp"
#include "tests/support/model_store.hpp"
#include "tests/support/sample_roster.hpp"

#include <gtest/gtest.h>

using namespace weir;
using namespace weir::cluster;
using test::numbered;
using enum standing;

namespace {

const steady_time start = steady_time{} + 1h;

content_hash hash(std::uint8_t n) {
  content_hash out;
  out.bytes[0] = n;
  return out;
}

struct ConfigState : testing::Test {
  config_state seen() { return config_state::read(store.read("config/")).value(); }
  bool apply(const result<meta_transaction>& what) {
    EXPECT_TRUE(what) << (what ? "" : what.error().message());
    return what && store.commit(*what).applied;
  }
  void have(std::uint8_t n) { apply(upload(seen(), hash(n), std::string(n, 'x'))); }
  /// The next version, of blob `n`, by the attempt `n`.
  proposal_fact next(std::uint8_t n, std::vector<file_ref> files = {}) {
    const auto version = seen().version();
    return {{version + 1, version, hash(n), {}, "", 0, std::move(files), numbered(n), {}},
            numbered(1),
            {}};
  }
  void put_in_force(std::uint8_t n) {
    have(n);
    ASSERT_TRUE(apply(propose(seen(), next(n), lease)));
    ASSERT_TRUE(apply(commit_proposal(seen(), members, numbered(n))));
  }

  test::model_store store;
  std::uint64_t lease = store.grant(1h, start);
  roster members = test::sample_roster(1, {up, up});
};

} // namespace

TEST_F(ConfigState, a_version_comes_into_force_by_way_of_a_proposal) {
  EXPECT_EQ(seen().version(), 0u);
  EXPECT_FALSE(seen().current());
  put_in_force(7);
  EXPECT_EQ(seen().version(), 1u);
  EXPECT_EQ(seen().current()->digest, hash(7));
  EXPECT_EQ(seen().committed(numbered(7))->version, 1u);
  EXPECT_FALSE(seen().committed(numbered(8)));
  EXPECT_FALSE(seen().proposal);
  EXPECT_EQ(store.find(meta_layout::content(hash(7)))->value, "xxxxxxx");
}

TEST_F(ConfigState, a_proposal_needs_the_version_in_force_its_blobs_and_the_only_place) {
  put_in_force(1);
  EXPECT_EQ(propose(seen(), next(2), lease).error(), errc::conflict) << "no bytes";
  have(2);
  auto old = next(2);
  old.candidate.parent = 0;
  EXPECT_EQ(propose(seen(), old, lease).error(), errc::conflict);
  auto leap = next(2);
  leap.candidate.version = 3;
  EXPECT_EQ(propose(seen(), leap, lease).error(), errc::conflict);
  auto filed = next(2, {{"a.key", hash(9), 9, true}});
  EXPECT_EQ(missing_blobs(seen(), filed.candidate), std::vector{hash(9)});
  auto talky = next(2);
  talky.candidate.note.assign(fact_limits::note_bytes + 1, 'x');
  EXPECT_EQ(propose(seen(), talky, lease).error(), errc::out_of_range);
  const auto before = seen();
  EXPECT_TRUE(apply(propose(before, next(2), lease)));
  EXPECT_FALSE(apply(propose(before, next(2), lease))) << "twice";
  EXPECT_EQ(propose(seen(), next(2), lease).error(), errc::busy);
}

TEST_F(ConfigState, a_proposal_and_its_votes_go_with_the_proposers_lease) {
  have(1);
  apply(propose(seen(), next(1), lease));
  apply(cast_vote(seen(), numbered(2), {numbered(1), true, "", {}}));
  EXPECT_TRUE(seen().vote_of(numbered(2)));
  store.revoke(lease);
  EXPECT_FALSE(seen().proposal);
  EXPECT_TRUE(seen().votes.empty());
}

TEST_F(ConfigState, only_votes_on_the_present_proposal_count) {
  have(1);
  apply(propose(seen(), next(1), lease));
  const auto first = seen();
  EXPECT_EQ(cast_vote(first, numbered(2), {numbered(8), true, "", {}}).error(), errc::conflict);
  apply(cast_vote(first, numbered(2), {numbered(1), false, "why", {}}));
  EXPECT_EQ(seen().vote_of(numbered(2))->reason, "why");
  apply(withdraw(seen(), numbered(1)));
  EXPECT_EQ(withdraw(seen(), numbered(1)).error(), errc::conflict);
  have(2);
  apply(propose(seen(), next(2), lease));
  EXPECT_FALSE(seen().vote_of(numbered(2)));
  EXPECT_FALSE(apply(cast_vote(first, numbered(2), {numbered(1), true, "", {}}))) << "too late";
}

TEST_F(ConfigState, a_commit_fails_once_the_proposal_is_gone_or_a_member_has_changed) {
  have(1);
  apply(propose(seen(), next(1), lease));
  const auto proposed = seen();
  auto other = members;
  other.epoch_modified = 77;
  EXPECT_FALSE(apply(commit_proposal(proposed, other, numbered(1))));
  EXPECT_EQ(commit_proposal(proposed, members, numbered(2)).error(), errc::conflict);
  apply(withdraw(seen(), numbered(1)));
  EXPECT_FALSE(apply(commit_proposal(proposed, members, numbered(1))));
  apply(propose(seen(), next(1), lease));
  EXPECT_FALSE(apply(commit_proposal(proposed, members, numbered(1)))) << "another life of it";
  EXPECT_EQ(seen().version(), 0u);
}

TEST_F(ConfigState, bytes_that_no_kept_version_names_are_cleared_away) {
  put_in_force(1);
  have(9);
  EXPECT_EQ(seen().blobs.size(), 2u);
  put_in_force(2);
  EXPECT_EQ(seen().blobs.size(), 2u);
  EXPECT_FALSE(store.find(meta_layout::content(hash(9))));
  EXPECT_TRUE(store.find(meta_layout::content(hash(1)))) << "an older version needs it";
}

TEST_F(ConfigState, a_commit_fits_into_a_transaction_however_much_there_is_to_clear) {
  for (std::uint8_t n = 1; n <= 200; ++n)
    have(n);
  apply(propose(seen(), next(1), lease));
  const auto commit = commit_proposal(seen(), members, numbered(1)).value();
  EXPECT_LE(commit.changes.size(), meta_store::changes_max);
  EXPECT_TRUE(store.commit(commit).applied);
  EXPECT_EQ(seen().blobs.size(), 200 - config_limits::cleared_at_once);
}

TEST_F(ConfigState, an_older_version_is_restored_with_its_files) {
  have(1);
  have(5);
  apply(propose(seen(), next(1, {{"a.key", hash(5), 5, true}}), lease));
  apply(commit_proposal(seen(), members, numbered(1)));
  put_in_force(2);
  const auto again = restore(seen(), 1).value();
  EXPECT_EQ(again.version, 3u);
  EXPECT_EQ(again.parent, 2u);
  EXPECT_EQ(again.restores, 1u);
  EXPECT_EQ(again.digest, hash(1));
  EXPECT_EQ(again.files.at(0).hash, hash(5));
  EXPECT_EQ(restore(seen(), 9).error(), errc::unknown_version);
}

TEST_F(ConfigState, uploads_are_bounded_and_done_once) {
  EXPECT_EQ(upload(seen(), hash(1), std::string(config_limits::blob_bytes + 1, 'x')).error(),
            errc::out_of_range);
  const auto before = seen();
  EXPECT_TRUE(apply(upload(before, hash(1), "a")));
  EXPECT_FALSE(apply(upload(before, hash(1), "a")));
  config_state full;
  for (std::size_t n = 0; n < config_limits::blobs; ++n) {
    content_hash some;
    some.bytes[0] = static_cast<std::uint8_t>(n);
    some.bytes[1] = static_cast<std::uint8_t>(n >> 8);
    full.blobs[some] = {};
  }
  EXPECT_EQ(upload(full, hash(1), "a").error(), errc::too_many);
}

TEST_F(ConfigState, a_head_without_its_version_or_a_strange_key_is_an_error) {
  EXPECT_EQ(
      config_state::read({1, {{"config/head", encode_fact(head_fact{3, {}, {}}), 1, 1}}}).error(),
      errc::out_of_range);
  EXPECT_EQ(config_state::read({1, {{"config/other", "", 1, 1}}}).error(), errc::out_of_range);
  EXPECT_EQ(config_state::read({1, {{"config/proposal", "\xff", 1, 1}}}).error(), errc::malformed);
}
