// Asks a MetaStore and waits for its answer; collects what a watch tells.
#pragma once

#include "base/meta_store.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir::test {

/// Far more than any answer may take: a test that waits this long has failed.
inline constexpr auto meta_patience = std::chrono::seconds(30);

/// One answer that is waited for. Fails the test when it comes twice.
template <class T>
class awaited {
public:
  meta_store::handler<T> handler() {
    return [state = state_](result<T> answer) {
      const std::lock_guard held(state->mutex);
      EXPECT_FALSE(std::exchange(state->called, true)) << "a handler was called twice";
      state->promise.set_value(std::move(answer));
    };
  }
  result<T> get() {
    auto future = state_->promise.get_future();
    if (future.wait_for(meta_patience) == std::future_status::ready) return future.get();
    ADD_FAILURE() << "no answer";
    return meta_errc::unknown;
  }

private:
  struct shared {
    std::mutex mutex;
    bool called = false;
    std::promise<result<T>> promise;
  };
  std::shared_ptr<shared> state_ = std::make_shared<shared>();
};

inline result<meta_snapshot> read(meta_store& store, const std::string& prefix) {
  awaited<meta_snapshot> answer;
  store.read(prefix, answer.handler());
  return answer.get();
}

inline result<meta_outcome> commit(meta_store& store, meta_transaction what) {
  awaited<meta_outcome> answer;
  store.commit(std::move(what), answer.handler());
  return answer.get();
}

inline result<std::uint64_t> grant(meta_store& store, std::chrono::seconds ttl) {
  awaited<std::uint64_t> answer;
  store.grant(ttl, answer.handler());
  return answer.get();
}

inline result<void> keep_alive(meta_store& store, std::uint64_t lease) {
  awaited<void> answer;
  store.keep_alive(lease, answer.handler());
  return answer.get();
}

inline result<void> revoke(meta_store& store, std::uint64_t lease) {
  awaited<void> answer;
  store.revoke(lease, answer.handler());
  return answer.get();
}

inline meta_change put_of(std::string key, std::string value, std::uint64_t lease = 0) {
  return {meta_change::kind::put, std::move(key), std::move(value), lease};
}

inline meta_change erase_of(std::string key) {
  return {meta_change::kind::erase, std::move(key)};
}

/// The revision of an unconditional put; 0 when it failed.
inline std::uint64_t put(meta_store& store, const std::string& key, const std::string& value,
                         std::uint64_t lease = 0) {
  const auto done = commit(store, {{}, {put_of(key, value, lease)}});
  EXPECT_TRUE(done) << done.error().message();
  return done && done->applied ? done->revision : 0;
}

inline std::uint64_t erase(meta_store& store, const std::string& key) {
  const auto done = commit(store, {{}, {erase_of(key)}});
  EXPECT_TRUE(done) << done.error().message();
  return done && done->applied ? done->revision : 0;
}

/// A watch and what it has told so far.
class watching {
public:
  watching(meta_store& store, const std::string& prefix, std::uint64_t from)
      : watch_(store.watch(prefix, from, [told = told_](result<std::vector<meta_event>> what) {
          const std::lock_guard held(told->mutex);
          EXPECT_FALSE(told->error) << "told something after the last call";
          if (what)
            told->calls.push_back(std::move(*what));
          else
            told->error = what.error();
          told->changed.notify_all();
        })) {}

  /// The first `count` events, or what has come until patience ends.
  std::vector<meta_event> events(std::size_t count) {
    std::unique_lock held(told_->mutex);
    EXPECT_TRUE(told_->changed.wait_for(held, meta_patience,
                                        [&] { return flat().size() >= count || told_->error; }))
        << "only " << flat().size() << " events";
    return flat();
  }
  /// The last call's error.
  error_code error() {
    std::unique_lock held(told_->mutex);
    EXPECT_TRUE(told_->changed.wait_for(held, meta_patience, [&] { return bool(told_->error); }));
    return told_->error;
  }
  std::vector<std::vector<meta_event>> calls() const {
    const std::lock_guard held(told_->mutex);
    return told_->calls;
  }
  void end() { watch_.reset(); }

private:
  struct shared {
    mutable std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::vector<meta_event>> calls;
    error_code error;
  };
  std::vector<meta_event> flat() const {
    std::vector<meta_event> all;
    for (const auto& call : told_->calls)
      all.insert(all.end(), call.begin(), call.end());
    return all;
  }

  std::shared_ptr<shared> told_ = std::make_shared<shared>();
  std::unique_ptr<meta_watch> watch_;
};

} // namespace weir::test
