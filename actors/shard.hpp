// A shard: one thread that is an I/O loop and a CAF execution unit, with the actors pinned to it.
#pragma once

#include "base/metrics.hpp"
#include "base/result.hpp"
#include "net/io/buffer_pool.hpp"
#include "net/io/event_loop.hpp"

#include <caf/actor_system.hpp>
#include <caf/error.hpp>
#include <caf/execution_unit.hpp>
#include <caf/message.hpp>
#include <caf/resumable.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir::actors {

/// A pinned actor's place in its shard's list. Part of `pinned`, nobody else's business.
struct pinned_slot {
  static constexpr std::size_t none = static_cast<std::size_t>(-1);
  std::size_t index = none;
};

/// What a shard counts. Readable from any thread.
struct shard_counters {
  counter spawned;    // pinned actors
  counter exited;     // of them, for whatever reason
  counter failed;     // of those, for a reason that is none of normal, user_shutdown and kill
  counter exceptions; // thrown by an actor's handler: its actor fails
  counter resumes;    // turns given to actors
};

/// One core's worth of request handling. Life: create, set up (from one thread: spawn, watch,
/// post), `run()` on its own thread until `stop()`, destroy after every handle to its actors is
/// gone.
///
/// As an execution unit it takes only its own pinned actors (`pinned.hpp` sees to that): a message
/// between two of them is a push on a vector, no lock and no wake-up. What a pinned actor spawns or
/// messages otherwise goes to CAF's scheduler: a slow actor never runs here.
///
/// The shard owns its actors: one that nobody else holds lives until it quits or the shard stops.
/// After the stop a message to any of them is dropped (a request is answered with an error).
class shard : public caf::execution_unit {
public:
  /// Messages an actor may handle in one turn before the others get theirs.
  static constexpr std::size_t messages_per_turn = 64;
  /// Rounds over the ready actors before sockets are looked at again: a request takes about eight.
  static constexpr std::size_t rounds_per_batch = 32;
  /// How long those who asked for `later` get before sockets are looked at again.
  static constexpr duration later_per_batch = std::chrono::milliseconds(2);
  /// How long `stop()` waits for actors to exit before the loop ends without them.
  static constexpr duration stop_limit = std::chrono::seconds(1);

  static result<std::unique_ptr<shard>> create(caf::actor_system& system, std::size_t index);
  ~shard() override;

  std::size_t index() const { return index_; }
  net::event_loop& loop() { return *loop_; }
  net::buffer_pool& buffers() { return buffers_; }
  const shard_counters& counters() const { return counters_; }
  /// Pinned actors that live. Any thread.
  std::size_t actor_count() const;

  void run();
  /// Kills the shard's actors, lets them finish their turn, then ends `run()`. Any thread.
  void stop();

  /// CAF's door: `job` is a pinned actor of this shard, with a reference for the run queue. Any
  /// thread.
  void exec_later(caf::resumable* job) override;
  /// The unit that pinned actors see as their context: hands everything to CAF's scheduler.
  caf::execution_unit& outside() { return outside_; }

  /// `what` reaches `to`, an actor of this shard, after sockets have been looked at and all others
  /// have had their turns: for who has moved its share of bytes and has more. Own thread.
  void later(caf::strong_actor_ptr to, caf::message what);

  // -- for `pinned` and `spawn_on` ----------------------------------------------------------------
  void adopt(caf::strong_actor_ptr actor, pinned_slot& slot);
  void forget(pinned_slot& slot, const char* name, const caf::error& reason);
  void count_exception(const char* name, const std::string& what);

private:
  struct outside_unit final : caf::execution_unit {
    using execution_unit::execution_unit;
    void exec_later(caf::resumable* job) override;
  };
  struct resident {
    caf::strong_actor_ptr actor;
    pinned_slot* slot;
  };
  struct stop_timer final : net::timer_target {
    explicit stop_timer(shard& s) : home(s) {}
    void on_timer(net::timer& which) override;
    shard& home;
  };

  shard(caf::actor_system& system, std::size_t index, std::unique_ptr<net::event_loop> loop);
  bool run_actors();
  void run_rounds();
  void run_later();
  void resume(caf::resumable* job);
  void inject(caf::resumable* job);
  void take_inbox();
  void kill_all();
  void finish();

  std::size_t index_;
  std::unique_ptr<net::event_loop> loop_;
  net::buffer_pool buffers_;
  outside_unit outside_;
  shard_counters counters_;

  std::vector<caf::resumable*> ready_; // own thread
  std::vector<caf::resumable*> batch_;
  struct postponed {
    caf::strong_actor_ptr to;
    caf::message what;
  };
  std::deque<postponed> later_; // own thread

  std::mutex inbox_mutex_; // guards the next two
  std::vector<caf::resumable*> inbox_;
  bool closed_ = false;
  std::atomic<bool> has_inbox_ = false;

  mutable std::mutex residents_mutex_; // guards the next three
  std::vector<resident> residents_;
  bool stopping_ = false;
  bool ended_ = false;
  stop_timer stop_target_{*this};
  net::timer stop_deadline_{stop_target_};
};

} // namespace weir::actors
