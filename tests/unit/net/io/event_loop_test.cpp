// The loop with socket pairs: edges, the batch, work posted from anywhere, and what happens at the
// end.
#include "net/io/event_loop.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

#include <array>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>

namespace weir::net {
namespace {

struct handler : io_handler {
  std::function<void(io_events)> then;
  int calls = 0;
  void on_io(io_events events) override {
    ++calls;
    then(events);
  }
};

struct guard : timer_target {
  explicit guard(event_loop& l) : loop(l) { watchdog.expires_at(loop.timers(), loop.now() + 20s); }
  void on_timer(timer&) override {
    ADD_FAILURE() << "the loop hangs";
    loop.stop();
  }
  event_loop& loop;
  timer watchdog{*this};
};

class event_loop_test : public testing::Test {
protected:
  struct pair {
    unique_fd ours;
    unique_fd peer;
  };

  static pair make_pair() {
    std::array<int, 2> fds{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()), 0);
    return {unique_fd(fds[0]), unique_fd(fds[1])};
  }

  static void put(const pair& p) { EXPECT_EQ(::send(p.peer.get(), "x", 1, MSG_NOSIGNAL), 1); }

  std::unique_ptr<event_loop> loop_ = event_loop::create().value();
  event_loop& loop = *loop_;
  guard guard_{loop};
};

TEST_F(event_loop_test, says_what_became_possible) {
  auto p = make_pair();
  handler h;
  h.then = [&](io_events events) {
    if (h.calls == 1) {
      EXPECT_TRUE(events.writable);
      EXPECT_FALSE(events.readable);
      put(p);
    } else if (h.calls == 2) {
      EXPECT_TRUE(events.readable);
      EXPECT_FALSE(events.hangup);
      p.peer.reset();
    } else {
      EXPECT_TRUE(events.hangup);
      loop.unwatch(p.ours.get(), h);
      loop.stop();
    }
  };
  ASSERT_FALSE(loop.watch(p.ours.get(), h));
  loop.run();
  EXPECT_EQ(h.calls, 3);
}

TEST_F(event_loop_test, a_listener_is_told_again_until_it_has_read) {
  auto p = make_pair();
  put(p);
  handler h;
  h.then = [&](io_events) {
    if (h.calls == 3) loop.stop();
  };
  ASSERT_FALSE(loop.watch_listener(p.ours.get(), h));
  loop.run();
  EXPECT_EQ(h.calls, 3);
}

TEST_F(event_loop_test, an_unwatched_handler_hears_nothing_more_even_of_the_same_batch) {
  auto one = make_pair();
  auto two = make_pair();
  handler first, second;
  first.then = [&](io_events) { loop.unwatch(two.ours.get(), second); };
  second.then = [&](io_events) { loop.unwatch(one.ours.get(), first); };
  ASSERT_FALSE(loop.watch(one.ours.get(), first));
  ASSERT_FALSE(loop.watch(two.ours.get(), second));
  loop.set_batch_hook([&] {
    loop.stop();
    return false;
  });
  loop.run();
  EXPECT_EQ(first.calls + second.calls, 1);
}

TEST_F(event_loop_test, watching_a_closed_descriptor_is_an_error) {
  handler h;
  EXPECT_EQ(loop.watch(-1, h).value(), EBADF);
}

TEST_F(event_loop_test, work_posted_before_during_and_from_another_thread_runs_on_the_loop) {
  int ran = 0;
  std::thread other;
  loop.post([&] {
    EXPECT_TRUE(loop.on_loop_thread());
    ++ran;
    loop.post([&] {
      ++ran;
      other = std::thread([&] {
        EXPECT_FALSE(loop.on_loop_thread());
        loop.post([&] {
          EXPECT_TRUE(loop.on_loop_thread());
          ++ran;
          loop.stop();
        });
      });
    });
  });
  loop.run();
  other.join();
  EXPECT_EQ(ran, 3);
  EXPECT_EQ(loop.stats().posts, 3u);
}

TEST_F(event_loop_test, work_posted_after_the_end_is_destroyed_unrun) {
  loop.stop();
  loop.run();
  auto witness = std::make_shared<int>(0);
  loop.post([witness] { ++*witness; });
  EXPECT_EQ(witness.use_count(), 1);
  EXPECT_EQ(*witness, 0);
}

TEST_F(event_loop_test, does_not_sleep_while_the_hook_has_work) {
  int calls = 0;
  loop.set_batch_hook([&] {
    if (++calls == 1000) loop.stop();
    return true;
  });
  loop.run();
  EXPECT_EQ(calls, 1000);
  EXPECT_EQ(loop.stats().events, 0u);
}

TEST_F(event_loop_test, a_timer_wakes_it_and_the_hook_runs_after) {
  struct : timer_target {
    bool fired = false;
    void on_timer(timer&) override { fired = true; }
  } target;
  timer soon(target);
  soon.expires_at(loop.timers(), loop.now());
  loop.set_batch_hook([&] {
    if (target.fired) loop.stop();
    return false;
  });
  loop.run();
  EXPECT_TRUE(target.fired);
}

TEST_F(event_loop_test, an_exception_is_counted_and_the_loop_goes_on) {
  std::string heard;
  loop.set_exception_hook([&](const char* what) { heard += what; });
  loop.post([] { throw std::runtime_error("planted"); });
  loop.post([] { throw 1; });
  loop.post([&] { loop.stop(); });
  loop.run();
  EXPECT_EQ(loop.stats().exceptions, 2u);
  EXPECT_EQ(heard, "plantedunknown exception");
}

} // namespace
} // namespace weir::net
