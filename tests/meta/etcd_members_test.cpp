// Three real members: killed, frozen, cut off, replaced, restored.
#include "tests/support/etcd_members.hpp"

#include <filesystem>

namespace weir::test {

namespace {

namespace fs = std::filesystem;
using net::etcd::admin_answer;
using net::etcd::etcd_admin;

constexpr auto answer_slack = std::chrono::milliseconds(1500); // of a busy machine

template <class T, class Ask>
admin_answer<T> ask(Ask how) {
  std::promise<admin_answer<T>> answer;
  how([&](admin_answer<T> found) { answer.set_value(std::move(found)); });
  auto future = answer.get_future();
  return future.get();
}

class etcd_members_test : public testing::Test {
protected:
  etcd_members_test() : admin_(members_.loop(), members_.options()) {}

  std::vector<net::etcd::member> list() {
    auto found = ask<std::vector<net::etcd::member>>([&](auto then) { admin_.members(then); });
    EXPECT_TRUE(found.value) << found.words;
    return found.value ? *found.value : std::vector<net::etcd::member>{};
  }
  std::uint64_t id_of(const std::string& name) {
    for (const auto& each : list())
      if (each.name == name) return each.id;
    ADD_FAILURE() << "no member " << name;
    return 0;
  }
  /// Asks again until it is done; the members may still be finding together.
  admin_answer<void> until_done(const std::function<void(etcd_admin::handler<void>)>& how) {
    auto answer = ask<void>(how);
    for (int tries = 0; !answer.value && tries < 100; ++tries) {
      pause();
      answer = ask<void>(how);
    }
    return answer;
  }
  static void pause() {
    std::promise<void> never;
    never.get_future().wait_for(std::chrono::milliseconds(100));
  }
  std::size_t leader() {
    for (std::size_t i = 0; i < 3; ++i) {
      auto found = ask<net::etcd::member_status>(
          [&](auto then) { admin_.status(members_.settings(i).client, then); });
      if (found.value && found.value->leader == found.value->member) return i;
    }
    ADD_FAILURE() << "no leader";
    return 0;
  }
  /// A commit that is repeated until it is certainly done; counts what was `unknown`.
  std::uint64_t insist(meta_store& store, const std::string& key, const std::string& value) {
    for (int tries = 0; tries < 30; ++tries) {
      const auto done = commit(store, {{}, {put_of(key, value)}});
      if (done) return done->revision;
      pause();
    }
    ADD_FAILURE() << "no commit was taken";
    return 0;
  }

  etcd_members members_{3};
  etcd_admin admin_;
};

} // namespace

TEST_F(etcd_members_test, the_loss_of_any_member_is_not_noticed_by_reads_and_watches) {
  const auto store = members_.store();
  const auto from = put(*store, "k/0", "0");
  watching watch(*store, "k/", from);
  std::size_t count = 1;
  for (const std::size_t victim : {std::size_t{0}, leader() == 0 ? 1 : leader()}) {
    members_.kill(victim);
    const auto found = read(*store, "k/");
    ASSERT_TRUE(found) << found.error().message();
    EXPECT_EQ(found->entries.size(), count);
    insist(*store, "k/" + std::to_string(count), "x");
    ++count;
    EXPECT_GE(watch.events(count).size(), count);
    members_.start(victim);
    ASSERT_TRUE(members_.serves(victim));
  }
  auto last = from - 1;
  for (const auto& event : watch.events(count)) {
    EXPECT_EQ(event.entry.modified, last + 1) << "in order, nothing left out";
    last = event.entry.modified;
  }
}

TEST_F(etcd_members_test, a_frozen_member_is_passed_over) {
  const auto victim = leader();
  const auto store = members_.store(victim); // the one that it prefers
  const auto from = put(*store, "k/a", "1");
  watching watch(*store, "k/", from);
  watch.events(1);
  members_.freeze(victim);
  const auto found = read(*store, "k/");
  EXPECT_TRUE(found) << "asked again of another member";
  insist(*store, "k/a", "2");
  ASSERT_GE(watch.events(2).size(), 2u) << "the watch has moved too";
  members_.thaw(victim);
}

TEST_F(etcd_members_test, without_quorum_reads_and_commits_say_so_in_time_and_recover) {
  const auto store = members_.store();
  const auto from = put(*store, "k/a", "1");
  watching watch(*store, "k/", from);
  watch.events(1);
  members_.kill(1);
  members_.kill(2);
  const auto& clock = system_clock();
  // What is sent before the member knows is honestly unknown; from then on nothing is sent.
  for (bool known = false; !known;) {
    const auto began = clock.steady();
    const auto done = commit(*store, {{}, {put_of("k/a", "2")}});
    EXPECT_LE(clock.steady() - began, meta_store::answer_max + answer_slack);
    ASSERT_FALSE(done);
    known = done.error() == meta_errc::unavailable;
    EXPECT_TRUE(known || done.error() == meta_errc::unknown) << done.error().message();
  }
  const auto began = clock.steady();
  EXPECT_EQ(read(*store, "k/").error(), meta_errc::unavailable);
  EXPECT_LE(clock.steady() - began, meta_store::answer_max + answer_slack);
  members_.start(1);
  insist(*store, "k/a", "3");
  // What was `unknown` may have been done when there is a quorum again.
  const auto last = [&] { return watch.events(2).back().entry.value; };
  for (int tries = 0; last() != "3" && tries < 100; ++tries)
    pause();
  EXPECT_EQ(last(), "3");
}

TEST_F(etcd_members_test, a_member_that_is_lost_for_good_is_replaced) {
  const auto store = members_.store();
  for (int i = 0; i < 50; ++i)
    put(*store, "k/" + std::to_string(i), std::string(10'000, 'x'));
  const auto lost = id_of("c");
  members_.kill(2);
  fs::remove_all(members_.settings(2).data_folder);
  ASSERT_TRUE(until_done([&](auto then) { admin_.remove(lost, then); }).value);
  EXPECT_EQ(list().size(), 2u);

  const auto fresh = members_.add("d");
  auto& settings = members_.settings(fresh);
  const auto url = "https://" + settings.self.peer.text();
  admin_answer<net::etcd::member> added{meta_errc::busy, {}};
  for (int tries = 0; !added.value && tries < 100; ++tries, pause())
    added = ask<net::etcd::member>([&](auto then) { admin_.add_member(url, true, then); });
  ASSERT_TRUE(added.value) << added.words;
  EXPECT_TRUE(added.value->learner);
  settings.members = {members_.settings(0).self, members_.settings(1).self, settings.self};
  members_.start(fresh);
  const auto promoted = until_done([&](auto then) { admin_.promote(added.value->id, then); });
  ASSERT_TRUE(promoted.value) << promoted.words << members_.log_of(fresh);

  members_.kill(0); // now the new one is needed for a quorum
  const auto with_it = members_.store(fresh);
  const auto revision = insist(*with_it, "k/new", "1");
  const auto found = read(*with_it, "k/");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_EQ(found->entries.size(), 51u);
  EXPECT_EQ(found->revision, revision);
}

TEST_F(etcd_members_test, a_snapshot_brings_everything_back_to_a_new_cluster) {
  const auto store = members_.store();
  const auto at = put(*store, "k/a", std::string(500'000, 'x'));
  const auto file = members_.folder() + "/snapshot";
  const auto saved = net::etcd::save_snapshot(members_.options(), file, 20s);
  ASSERT_TRUE(saved.value) << saved.words;
  EXPECT_EQ(saved.value->bytes, fs::file_size(file));
  EXPECT_EQ(saved.value->sha256.size(), 64u);
  EXPECT_EQ(fs::status(file).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  put(*store, "k/later", "1");

  for (std::size_t i = 0; i < 3; ++i)
    members_.kill(i);
  for (std::size_t i = 0; i < 3; ++i) {
    auto& settings = members_.settings(i);
    fs::remove_all(settings.data_folder);
    settings.cluster += "-restored";
    const auto plan = apps::plan_etcd_restore(settings, file);
    process_spec spec;
    spec.argv = plan.argv;
    spec.env = plan.env;
    spec.mask = plan.mask;
    auto restore = spawn(spec);
    ASSERT_TRUE(restore) << restore.error().message();
    ASSERT_EQ(restore->reap(), exit_status{});
    members_.start(i);
  }
  ASSERT_TRUE(members_.serves());
  const auto found = read(*store, "k/");
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_EQ(found->entries.size(), 1u);
  EXPECT_EQ(found->entries[0].modified, at);
}

TEST_F(etcd_members_test, a_snapshot_that_cannot_be_saved_leaves_nothing) {
  const auto file = members_.folder() + "/no/such/folder";
  EXPECT_FALSE(net::etcd::save_snapshot(members_.options(), file, 20s).value);
  auto nobody = members_.options();
  nobody.endpoints = {free_address()};
  const auto other = members_.folder() + "/snapshot";
  EXPECT_EQ(net::etcd::save_snapshot(nobody, other, 20s).value.error(), meta_errc::unavailable);
  for (const auto& entry : fs::directory_iterator(members_.folder()))
    EXPECT_FALSE(entry.path().string().starts_with(other)) << entry.path();
}

TEST_F(etcd_members_test, its_members_are_kept_well) {
  const auto found = list();
  EXPECT_EQ(found.size(), 3u);
  const auto store = members_.store();
  for (int i = 0; i < 20; ++i)
    put(*store, "k/a", std::string(100'000, 'x'));
  const auto revision = read(*store, "")->revision;
  const auto status_of = [&](std::size_t index) {
    return ask<net::etcd::member_status>(
        [&](auto then) { admin_.status(members_.settings(index).client, then); });
  };
  ASSERT_TRUE(ask<void>([&](auto then) { admin_.compact(revision, then); }).value);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& address = members_.settings(i).client;
    ASSERT_TRUE(ask<void>([&](auto then) { admin_.health(address, then); }).value);
    auto state = status_of(i);
    ASSERT_TRUE(state.value) << state.words;
    EXPECT_EQ(state.value->version.substr(0, 4), "3.4.");
    // The others let go of old revisions in their own time.
    for (int tries = 0; tries < 100 && state.value && state.value->file_bytes > 1'000'000;
         ++tries) {
      const auto done = ask<void>([&](auto then) { admin_.defragment(address, then); });
      ASSERT_TRUE(done.value) << done.words;
      state = status_of(i);
    }
    EXPECT_LT(state.value->file_bytes, 1'000'000u);
  }
  const auto alarms =
      ask<std::vector<net::etcd::member_alarm>>([&](auto then) { admin_.alarms(then); });
  ASSERT_TRUE(alarms.value);
  EXPECT_TRUE(alarms.value->empty());
  const auto moved = ask<void>([&](auto then) { admin_.update(17, "https://127.0.0.1:1", then); });
  EXPECT_EQ(moved.value.error(), meta_errc::invalid) << "there is no such member";
}

TEST_F(etcd_members_test, strangers_are_told_that_they_are_and_change_nothing) {
  put(*members_.store(), "k/a", "1");
  const auto other = net::pki::make_authority("other", node_id{}, system_clock().wall());
  auto stranger = members_.identity_of(*other, "stranger");
  std::ifstream authority(members_.folder() + "/ca.pem");
  stranger.authority.assign(std::istreambuf_iterator<char>(authority), {});
  auto options = members_.options();
  options.tls = *net::make_peer_context(stranger);
  {
    net::etcd::etcd_meta_store store(members_.loop(), options);
    EXPECT_EQ(read(store, "").error(), meta_errc::denied);
    EXPECT_FALSE(commit(store, {{}, {put_of("k/a", "2")}}));
  }
  // And we do not tell our secrets to somebody who is not of the cluster.
  options.tls = *net::make_peer_context(members_.identity_of(*other, "trusting"));
  {
    net::etcd::etcd_meta_store store(members_.loop(), options);
    EXPECT_EQ(commit(store, {{}, {put_of("k/a", "2")}}).error(), meta_errc::denied);
  }
  EXPECT_EQ(read(*members_.store(), "k/")->entries.at(0).value, "1");
}

} // namespace weir::test
