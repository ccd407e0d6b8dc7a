// A message from a peer on its way to whoever handles it, counted until it is gone.
#pragma once

#include "base/node_id.hpp"
#include "net/peer/lane.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace weir::net {

/// Bytes of one connection that were received and not yet handled. When they reach the lane's bound
/// the connection stops reading, so that a slow receiver pushes back over TCP instead of filling a
/// mailbox. Thread-safe.
class receive_window {
public:
  /// `resume` is called, on whatever thread lets the last needed byte go, once after each refused
  /// take.
  receive_window(std::size_t bytes_max, std::function<void()> resume)
      : bytes_max_(bytes_max), resume_(std::move(resume)) {}

  void take(std::size_t bytes) { held_ += bytes; }
  void give_back(std::size_t bytes) {
    held_ -= bytes;
    if (held_ < bytes_max_ && waiting_.exchange(false)) resume_();
  }
  /// Whether reading may go on; if not, `resume` will be called.
  bool open() {
    if (held_ < bytes_max_) return true;
    waiting_ = true;
    // What was given back in between saw nobody waiting.
    return held_ < bytes_max_ && waiting_.exchange(false);
  }

private:
  std::size_t bytes_max_;
  std::function<void()> resume_;
  std::atomic<std::size_t> held_{0};
  std::atomic<bool> waiting_{false};
};

/// One received message. Shared by pointer, immutable; may be handled on any thread.
struct peer_message {
  peer_message(node_id from, lane on, std::uint64_t life, std::string payload,
               std::shared_ptr<receive_window> counted)
      : peer(from), which(on), incarnation(life), bytes(std::move(payload)),
        window(std::move(counted)) {
    window->take(bytes.size());
  }
  ~peer_message() { window->give_back(bytes.size()); }
  peer_message(const peer_message&) = delete;
  peer_message& operator=(const peer_message&) = delete;

  const node_id peer;
  const lane which;
  const std::uint64_t incarnation; // of the sender
  const std::string bytes;
  const std::shared_ptr<receive_window> window;
};
using peer_message_ptr = std::shared_ptr<const peer_message>;

} // namespace weir::net
