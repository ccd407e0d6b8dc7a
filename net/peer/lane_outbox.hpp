// One lane's outgoing messages, bounded in bytes: filled by any thread, emptied by the connection.
#pragma once

#include "net/peer/lane.hpp"
#include "net/peer/peer_metrics.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace weir::net {

enum class send_result : std::uint8_t {
  queued,
  coalesced, // took the place of an older message with the same key
  full,      // refused (bulk), or the link is being closed (ctl)
  too_big,   // over the lane's message bound: our own bug, counted as refused
  no_link,   // the lane is not up
};

/// Lives as long as one connection. Thread-safe. What is still queued when the connection ends is
/// lost with it: whoever must not lose a message asks for an answer.
class lane_outbox {
public:
  /// `wake` is called, on the pusher's thread, when there is something to do after there was
  /// nothing.
  lane_outbox(lane which, lane_metrics& metrics, std::function<void()> wake);

  /// `key` other than 0: a queued message with this key is replaced in place (drop_oldest lanes
  /// only).
  send_result push(std::string message, std::uint64_t key = 0);
  /// The next message; none when empty. Once none was given, the next push wakes.
  std::optional<std::string> pop();
  /// Refuses every further push.
  void close();
  /// True after a push that the lane's policy answers by closing the link.
  bool overflowed() const;
  std::size_t bytes() const;

private:
  struct entry {
    std::string bytes;
    std::uint64_t key;
  };

  bool replace(std::string& message, std::uint64_t key);
  bool make_room(std::size_t needed);

  const lane_rules& rules_;
  lane_metrics& metrics_;
  std::function<void()> wake_;
  mutable std::mutex mutex_;
  std::deque<entry> queue_;
  std::size_t bytes_ = 0;
  bool asleep_ = true; // the reader saw an empty queue
  bool closed_ = false;
  bool overflowed_ = false;
};

} // namespace weir::net
