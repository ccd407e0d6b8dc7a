// What every engine of the MetaStore must do; each engine's tests instantiate it.
#pragma once

#include "tests/support/meta_client.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

namespace weir::test {

/// An engine in a test's hands, empty at first.
class meta_engine {
public:
  virtual ~meta_engine() = default;
  virtual meta_store& store() = 0;
  /// Another store on the same data, as another node would have; null when there can be none.
  virtual meta_store* other_store() { return nullptr; }
  /// Destroys the store.
  virtual void close() = 0;
  /// Lets go of the history up to now. May put and erase keys outside "k/".
  virtual void compact() = 0;
  /// Lets this much time pass for leases.
  virtual void pass(std::chrono::seconds time) = 0;
};

struct meta_engine_kind {
  std::string name;
  std::unique_ptr<meta_engine> (*make)();
};

inline void PrintTo(const meta_engine_kind& kind, std::ostream* out) {
  *out << kind.name;
}

class meta_contract : public testing::TestWithParam<meta_engine_kind> {
protected:
  void SetUp() override { engine_ = GetParam().make(); }

  meta_store& store() { return engine_->store(); }
  meta_engine& engine() { return *engine_; }
  std::vector<meta_entry> under(const std::string& prefix) {
    auto found = read(store(), prefix);
    EXPECT_TRUE(found) << found.error().message();
    return found ? found->entries : std::vector<meta_entry>{};
  }
  std::uint64_t revision() {
    auto found = read(store(), "");
    EXPECT_TRUE(found);
    return found ? found->revision : 0;
  }

private:
  std::unique_ptr<meta_engine> engine_;
};

// -- reads

TEST_P(meta_contract, an_empty_store_has_a_revision_and_nothing_else) {
  const auto found = read(store(), "");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->revision, 1u);
  EXPECT_TRUE(found->entries.empty());
}

TEST_P(meta_contract, what_was_put_is_read_with_its_revisions) {
  const auto first = put(store(), "k/a", "one");
  const auto second = put(store(), "k/a", "two");
  EXPECT_GT(second, first);
  const auto found = read(store(), "k/a");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->revision, second);
  EXPECT_EQ(found->entries, (std::vector<meta_entry>{{"k/a", "two", first, second, 0}}));
}

TEST_P(meta_contract, a_prefix_finds_its_keys_in_byte_order_and_no_others) {
  const std::vector<std::string> inside{
      "k/", std::string("k/\0", 3), "k/a", "k/a/b", "k/b", "k/\xff", "k/\xff\xff"};
  for (const auto& key : {"k", "j/z", "k0", "l"})
    put(store(), key, "outside");
  for (auto each = inside.rbegin(); each != inside.rend(); ++each)
    put(store(), *each, "inside");
  std::vector<std::string> keys;
  for (const auto& entry : under("k/")) {
    keys.push_back(entry.key);
    EXPECT_EQ(entry.value, "inside");
  }
  EXPECT_EQ(keys, inside);
  EXPECT_EQ(under("").size(), inside.size() + 4);
  EXPECT_EQ(under("k/\xff").size(), 2u);
}

TEST_P(meta_contract, keys_and_values_are_any_bytes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    bytes.push_back(static_cast<char>(i));
  put(store(), "k/" + bytes, bytes);
  put(store(), "k/empty", "");
  const auto found = under("k/");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].key, "k/" + bytes);
  EXPECT_EQ(found[0].value, bytes);
  EXPECT_EQ(found[1].value, "");
}

// -- transactions

TEST_P(meta_contract, a_condition_is_the_revision_of_the_last_put_or_absence) {
  const auto absent = commit(store(), {{{"k/a", 0}}, {put_of("k/a", "1")}});
  ASSERT_TRUE(absent);
  EXPECT_TRUE(absent->applied);
  const auto again = commit(store(), {{{"k/a", 0}}, {put_of("k/a", "2")}});
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, (meta_outcome{false, absent->revision}));
  const auto next = commit(store(), {{{"k/a", absent->revision}}, {put_of("k/a", "3")}});
  ASSERT_TRUE(next);
  EXPECT_TRUE(next->applied);
  const auto stale = commit(store(), {{{"k/a", absent->revision}}, {put_of("k/a", "4")}});
  ASSERT_TRUE(stale);
  EXPECT_FALSE(stale->applied);
  EXPECT_EQ(under("k/").at(0).value, "3");
}

TEST_P(meta_contract, all_conditions_must_hold_or_nothing_is_done) {
  const auto at = put(store(), "k/a", "1");
  const auto done =
      commit(store(), {{{"k/a", at}, {"k/b", at}}, {put_of("k/c", "1"), erase_of("k/a")}});
  ASSERT_TRUE(done);
  EXPECT_FALSE(done->applied);
  EXPECT_EQ(under("k/").size(), 1u);
  EXPECT_EQ(revision(), at);
}

TEST_P(meta_contract, all_changes_of_a_transaction_have_one_revision) {
  put(store(), "k/old", "1");
  const auto done =
      commit(store(), {{}, {put_of("k/a", "1"), put_of("k/b", "2"), erase_of("k/old")}});
  ASSERT_TRUE(done && done->applied);
  for (const auto& entry : under("k/")) {
    EXPECT_EQ(entry.created, done->revision);
    EXPECT_EQ(entry.modified, done->revision);
  }
  EXPECT_EQ(under("k/").size(), 2u);
}

TEST_P(meta_contract, only_what_changes_something_makes_a_revision) {
  const auto at = put(store(), "k/a", "1");
  EXPECT_EQ(erase(store(), "k/none"), at);
  const auto nothing = commit(store(), {{{"k/a", at}}, {}});
  ASSERT_TRUE(nothing);
  EXPECT_EQ(*nothing, (meta_outcome{true, at}));
  EXPECT_EQ(put(store(), "k/a", "1"), at + 1) << "the same value is a change all the same";
  EXPECT_EQ(erase(store(), "k/a"), at + 2);
  EXPECT_EQ(put(store(), "k/a", "1"), at + 3);
  EXPECT_EQ(under("k/a").at(0).created, at + 3) << "created anew";
}

TEST_P(meta_contract, no_update_is_lost_among_many_writers_at_once) {
  constexpr int writers = 8;
  constexpr int each = 25;
  const auto begin = put(store(), "k/counter", "0");
  watching watch(store(), "k/counter", begin + 1);
  const auto increase = [&](meta_store& on) {
    for (int done = 0; done < each;) {
      const auto found = read(on, "k/counter");
      ASSERT_TRUE(found) << found.error().message();
      const auto& entry = found->entries.at(0);
      const auto outcome =
          commit(on, {{{"k/counter", entry.modified}},
                      {put_of("k/counter", std::to_string(std::stoi(entry.value) + 1))}});
      ASSERT_TRUE(outcome) << outcome.error().message();
      if (outcome->applied) ++done;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < writers; ++i) {
    auto* other = engine().other_store();
    threads.emplace_back(increase, std::ref(other && i % 2 ? *other : store()));
  }
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(under("k/counter").at(0).value, std::to_string(writers * each));
  const auto events = watch.events(writers * each);
  ASSERT_EQ(events.size(), std::size_t{writers * each});
  for (int i = 0; i < writers * each; ++i)
    EXPECT_EQ(events[static_cast<std::size_t>(i)].entry.value, std::to_string(i + 1));
}

// -- limits

TEST_P(meta_contract, what_is_too_large_or_makes_no_sense_is_refused) {
  const auto refused = [&](meta_transaction what) {
    const auto answer = commit(store(), std::move(what));
    return answer ? error_code{} : answer.error();
  };
  const std::string key(meta_store::key_bytes_max, 'k');
  const std::string value(meta_store::value_bytes_max, 'v');
  EXPECT_EQ(refused({{}, {put_of(key + "k", "")}}), meta_errc::too_large);
  EXPECT_EQ(refused({{{key + "k", 0}}, {}}), meta_errc::too_large);
  EXPECT_EQ(refused({{}, {put_of("k/a", value + "v")}}), meta_errc::too_large);
  EXPECT_EQ(refused({{}, {put_of("k/a", value), put_of("k/b", value)}}), meta_errc::too_large);
  EXPECT_EQ(refused({{}, {put_of("", "")}}), meta_errc::invalid);
  EXPECT_EQ(refused({{}, {put_of("k/a", "1"), erase_of("k/a")}}), meta_errc::invalid);
  meta_transaction many;
  for (std::size_t i = 0; i <= meta_store::changes_max; ++i)
    many.changes.push_back(put_of("k/" + std::to_string(i), ""));
  EXPECT_EQ(refused(many), meta_errc::too_large);
  EXPECT_EQ(read(store(), key + "k").error(), meta_errc::too_large);
  EXPECT_EQ(grant(store(), 1s).error(), meta_errc::invalid);
  EXPECT_EQ(watching(store(), "k/", 0).error(), meta_errc::invalid);
  EXPECT_EQ(revision(), 1u);
}

TEST_P(meta_contract, what_is_as_large_as_it_may_be_is_taken) {
  meta_transaction most;
  for (std::size_t i = 0; i < meta_store::changes_max; ++i) {
    most.conditions.push_back({"k/" + std::to_string(i), 0});
    most.changes.push_back(put_of("k/" + std::to_string(i), ""));
  }
  const auto done = commit(store(), most);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_TRUE(done->applied);
  const std::string key(meta_store::key_bytes_max, 'k');
  const auto large = put(store(), key, std::string(meta_store::value_bytes_max, '\xee'));
  watching watch(store(), key, large);
  EXPECT_EQ(under(key).at(0).value.size(), meta_store::value_bytes_max);
  EXPECT_EQ(watch.events(1).at(0).entry.value.size(), meta_store::value_bytes_max);
}

TEST_P(meta_contract, a_read_of_more_than_it_may_be_is_refused) {
  const std::string value(meta_store::value_bytes_max, 'v');
  const auto count = meta_store::read_bytes_max / meta_store::value_bytes_max;
  for (std::size_t i = 0; i < count; ++i)
    put(store(), "k/" + std::to_string(i), value);
  EXPECT_EQ(read(store(), "").error(), meta_errc::too_large) << "the keys count too";
  EXPECT_EQ(under("k/1").size(), 11u);
}

TEST_P(meta_contract, too_much_at_once_is_told_so_and_nothing_is_lost) {
  std::promise<void> go;
  std::promise<void> stands;
  store().read("", [&, gate = go.get_future().share()](result<meta_snapshot>) {
    stands.set_value();
    gate.wait();
  });
  stands.get_future().wait(); // its thread is held up: nothing is answered until it goes on
  constexpr std::size_t count = meta_store::waiting_max * 2;
  std::vector<awaited<meta_outcome>> answers(count);
  for (std::size_t i = 0; i < count; ++i)
    store().commit({{}, {put_of("k/" + std::to_string(i), "")}}, answers[i].handler());
  go.set_value();
  std::size_t done = 0;
  for (auto& answer : answers) {
    const auto outcome = answer.get();
    if (outcome)
      ++done;
    else
      EXPECT_EQ(outcome.error(), meta_errc::busy) << outcome.error().message();
  }
  EXPECT_GE(done, meta_store::waiting_max - 1);
  EXPECT_LE(done, meta_store::waiting_max);
  EXPECT_EQ(under("k/").size(), done);
}

// -- leases

TEST_P(meta_contract, a_lease_that_is_kept_alive_keeps_its_keys_and_one_that_is_not_takes_them) {
  const auto lease = grant(store(), 2s);
  ASSERT_TRUE(lease);
  ASSERT_NE(*lease, 0u);
  const auto at = put(store(), "k/a", "1", *lease);
  put(store(), "k/b", "1", *lease);
  put(store(), "k/free", "1");
  EXPECT_EQ(under("k/a").at(0).lease, *lease);
  for (int i = 0; i < 3; ++i) {
    engine().pass(1s);
    ASSERT_TRUE(keep_alive(store(), *lease));
  }
  EXPECT_EQ(under("k/").size(), 3u);
  watching watch(store(), "k/", at + 3);
  engine().pass(3s);
  const auto gone = watch.events(2);
  ASSERT_EQ(gone.size(), 2u);
  for (const auto& event : gone) {
    EXPECT_TRUE(event.erased);
    EXPECT_EQ(event.entry.modified, at + 3) << "all at one revision";
  }
  EXPECT_EQ(under("k/").size(), 1u);
  EXPECT_EQ(keep_alive(store(), *lease).error(), meta_errc::no_lease);
}

TEST_P(meta_contract, revoking_a_lease_takes_its_keys_at_once) {
  const auto lease = grant(store(), 60s);
  ASSERT_TRUE(lease);
  const auto at = put(store(), "k/a", "1", *lease);
  put(store(), "k/b", "1", *lease);
  EXPECT_EQ(put(store(), "k/b", "stays"), at + 2) << "a put without the lease takes it off";
  ASSERT_TRUE(revoke(store(), *lease));
  const auto left = read(store(), "k/");
  ASSERT_TRUE(left);
  EXPECT_EQ(left->revision, at + 3);
  EXPECT_EQ(left->entries, (std::vector<meta_entry>{{"k/b", "stays", at + 1, at + 2, 0}}));
  EXPECT_EQ(revoke(store(), *lease).error(), meta_errc::no_lease);
}

TEST_P(meta_contract, a_lease_that_is_not_there_refuses_the_whole_transaction) {
  const auto done = commit(store(), {{}, {put_of("k/a", "1"), put_of("k/b", "1", 4711)}});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error(), meta_errc::no_lease);
  EXPECT_EQ(revision(), 1u);
  const auto unmet = commit(store(), {{{"k/c", 5}}, {put_of("k/b", "1", 4711)}});
  ASSERT_TRUE(unmet) << unmet.error().message();
  EXPECT_FALSE(unmet->applied) << "conditions come first";
  EXPECT_EQ(keep_alive(store(), 4711).error(), meta_errc::no_lease);
  EXPECT_EQ(revoke(store(), 4711).error(), meta_errc::no_lease);
}

// -- watches

TEST_P(meta_contract, a_watch_tells_every_change_from_its_revision_on_in_order_and_once) {
  put(store(), "k/before", "1");
  const auto from = put(store(), "k/a", "1");
  put(store(), "other", "1");
  erase(store(), "k/before");
  watching watch(store(), "k/", from);
  const auto pair = commit(store(), {{}, {put_of("k/b", "1"), put_of("k/a", "2")}});
  ASSERT_TRUE(pair);
  const auto last = put(store(), "k/c", "1");
  const auto events = watch.events(5);
  ASSERT_EQ(events.size(), 5u);
  EXPECT_EQ(events[0], (meta_event{false, {"k/a", "1", from, from, 0}}));
  EXPECT_EQ(events[1], (meta_event{true, {"k/before", "", 0, from + 2, 0}}));
  EXPECT_EQ(events[2].entry.modified, pair->revision);
  EXPECT_EQ(events[3].entry.modified, pair->revision);
  EXPECT_EQ(events[2].entry.key + events[3].entry.key, "k/bk/a") << "as they were changed";
  EXPECT_EQ(events[4], (meta_event{false, {"k/c", "1", last, last, 0}}));
  for (const auto& call : watch.calls()) {
    const auto of_pair = std::ranges::count(
        call, pair->revision, [](const meta_event& event) { return event.entry.modified; });
    EXPECT_TRUE(of_pair == 0 || of_pair == 2) << "a revision is told as a whole";
  }
}

TEST_P(meta_contract, a_watch_catches_up_with_more_than_fits_into_a_message) {
  const auto from = put(store(), "k/0", "first");
  for (int i = 1; i <= 6; ++i) {
    const std::string half(meta_store::value_bytes_max / 2, static_cast<char>('0' + i));
    ASSERT_TRUE(commit(store(), {{}, {put_of("k/a", half), put_of("k/b", half)}}));
  }
  watching watch(store(), "k/", from);
  const auto events = watch.events(13);
  ASSERT_EQ(events.size(), 13u);
  for (std::size_t i = 1; i < events.size(); ++i)
    EXPECT_EQ(events[i].entry.modified, from + (i + 1) / 2);
  for (const auto& call : watch.calls()) {
    const auto last = call.back().entry.modified;
    EXPECT_TRUE(last == from || call[call.size() - 2].entry.modified == last)
        << "a revision is told as a whole";
  }
}

TEST_P(meta_contract, a_watch_may_wait_for_a_revision_to_come) {
  watching watch(store(), "k/", 4);
  for (const auto* value : {"2", "3", "4", "5"})
    put(store(), "k/a", value);
  const auto events = watch.events(2);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].entry.value, "4");
  EXPECT_EQ(events[1].entry.value, "5");
}

TEST_P(meta_contract, a_watch_that_was_ended_tells_nothing_more) {
  watching ended(store(), "k/", 1);
  watching going_on(store(), "k/", 1);
  put(store(), "k/a", "1");
  ended.events(1);
  ended.end();
  put(store(), "k/a", "2");
  EXPECT_EQ(going_on.events(2).size(), 2u);
  put(store(), "k/a", "3");
  EXPECT_EQ(going_on.events(3).size(), 3u);
  EXPECT_EQ(ended.calls().size(), 1u);
}

TEST_P(meta_contract, a_watch_may_be_ended_by_its_own_handler) {
  std::unique_ptr<meta_watch> watch;
  std::atomic<int> calls{0};
  std::promise<void> told;
  std::promise<void> set;
  watch = store().watch("k/", 1, [&, ready = set.get_future().share()](auto what) {
    ready.wait();
    if (!what) return;
    ++calls;
    watch.reset();
    told.set_value();
  });
  set.set_value();
  put(store(), "k/a", "1");
  ASSERT_EQ(told.get_future().wait_for(meta_patience), std::future_status::ready);
  watching other(store(), "k/", 1);
  put(store(), "k/a", "2");
  other.events(2);
  EXPECT_EQ(calls, 1);
}

TEST_P(meta_contract, a_revision_that_is_no_longer_kept_is_told_so) {
  const auto old = put(store(), "k/a", "1");
  put(store(), "k/a", "2");
  engine().compact();
  EXPECT_EQ(watching(store(), "k/", old).error(), meta_errc::compacted);
  const auto found = read(store(), "k/");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->entries.at(0).value, "2") << "what is there now is not history";
  watching watch(store(), "k/", found->revision + 1);
  put(store(), "k/a", "3");
  EXPECT_EQ(watch.events(1).at(0).entry.value, "3");
}

TEST_P(meta_contract, a_read_and_a_watch_from_behind_it_miss_nothing_while_others_write) {
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    for (int i = 0; i < 2000 && !stop; ++i)
      put(store(), "k/" + std::to_string(i % 7), std::to_string(i));
  });
  for (int round = 0; round < 5; ++round) {
    const auto found = read(store(), "k/");
    ASSERT_TRUE(found);
    watching watch(store(), "k/", found->revision + 1);
    auto expected = found->revision;
    const auto events = watch.events(10);
    for (const auto& event : events)
      EXPECT_EQ(event.entry.modified, ++expected);
  }
  stop = true;
  writer.join();
}

// -- the end

TEST_P(meta_contract, closing_answers_whatever_still_waits) {
  put(store(), "k/a", "1");
  watching watch(store(), "k/", 2);
  watch.events(1);
  std::vector<awaited<meta_outcome>> commits(20);
  for (auto& each : commits)
    store().commit({{}, {put_of("k/a", "2")}}, each.handler());
  awaited<meta_snapshot> last;
  store().read("", last.handler());
  engine().close();
  for (auto& each : commits) {
    const auto answer = each.get();
    EXPECT_TRUE(answer || answer.error() == meta_errc::closed ||
                answer.error() == meta_errc::unknown)
        << answer.error().message();
  }
  const auto answer = last.get();
  EXPECT_TRUE(answer || answer.error() == meta_errc::closed) << answer.error().message();
  EXPECT_EQ(watch.error(), meta_errc::closed);
}

} // namespace weir::test
