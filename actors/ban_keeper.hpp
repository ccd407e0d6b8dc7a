// The BAN KEEPER: who is banned on this node, kept on disk, published to the shards.
#pragma once

#include "base/metrics_registry.hpp"
#include "base/result.hpp"
#include "cluster/ban_list.hpp"
#include "net/limit/ban_set.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace weir::actors {

/// Bans at once; an automatic one beyond that is refused and counted.
inline constexpr std::size_t bans_max = 65'536;

/// What an operator wants, and who hears how it went.
struct ban_order {
  enum class verb : std::uint8_t { add, remove };
  verb what = verb::add;
  config::cidr network;
  duration time{};
  std::string reason;
  std::function<void(error_code)> then; // on the keeper's thread
};
using ban_order_ptr = std::shared_ptr<const ban_order>;

/// A client whose requests limits refused too often.
struct ban_notice {
  ip_address customer;
  duration time{};
  std::string reason;
};
using ban_notice_ptr = std::shared_ptr<const ban_notice>;

using ban_atom = caf::atom_constant<caf::atom("ban")>;
using ban_look_atom = caf::atom_constant<caf::atom("banlook")>;

using ban_keeper_actor = caf::typed_actor<
    // Ban a network, or end its ban.
    caf::reacts_to<ban_atom, ban_order_ptr>,
    // Ban a client by the rule of the configuration.
    caf::reacts_to<ban_atom, ban_notice_ptr>,
    // INTERNAL: publish what has changed; end what is over.
    caf::reacts_to<ban_look_atom>>;

/// What the keeper publishes. Any thread.
class ban_board {
public:
  using list = std::shared_ptr<const std::vector<cluster::ban>>;
  list bans() const {
    const std::lock_guard lock(mutex_);
    return bans_;
  }
  void set(list bans) {
    const std::lock_guard lock(mutex_);
    bans_ = std::move(bans);
  }
  void collect(metrics_writer& out) const;

  std::atomic<std::uint64_t> added_automatic{0};
  std::atomic<std::uint64_t> added_by_operator{0};
  std::atomic<std::uint64_t> refused_full{0};
  std::atomic<std::uint64_t> unsaved{0}; // writes that failed: the ban holds until a restart

private:
  mutable std::mutex mutex_; // guards bans_
  list bans_ = std::make_shared<const std::vector<cluster::ban>>();
};

struct ban_keeper_options {
  const clock_source* clock = nullptr;
  std::shared_ptr<ban_board> board;
  /// What was banned when the node last ran.
  std::function<result<std::vector<cluster::ban>>()> load;
  /// Each is on disk when it returns; may take milliseconds.
  std::function<error_code(const cluster::ban&)> save;
  std::function<error_code(const cluster::ban&)> erase;
  /// Gives the shards what they ask from now on.
  std::function<void(std::shared_ptr<const net::ban_set>)> publish;
};

struct ban_keeper_state {
  ban_keeper_state() = default;
  static inline const char* name = "ban-keeper";

  void begin(ban_keeper_options given);
  void order(const ban_order& wanted);
  void notice(const ban_notice& seen);
  void look();
  /// When `look` is due again; none: not before the next order or notice.
  std::optional<duration> next_look() const;

  ban_keeper_options options;
  cluster::ban_list list{bans_max};
  bool looking = false; // a message to look is under way

private:
  error_code add(const cluster::ban& wanted);
  void publish();

  bool changed_ = false;
};

/// Owns the list. One per node, on a thread of its own, since it writes to disk. An order is in
/// force when it is answered; notices wait up to a second, so that a wave of them costs one new
/// set. Bounded: each client it hears of was refused many times first. When it dies the shards keep
/// what they have; the watcher starts it again, and it reads the disk.
ban_keeper_actor::behavior_type
ban_keeper(ban_keeper_actor::stateful_pointer<ban_keeper_state> self, ban_keeper_options options);

} // namespace weir::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::ban_order_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(weir::actors::ban_notice_ptr)
