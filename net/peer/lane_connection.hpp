// One authenticated connection of one lane: reads messages, writes the outbox, notices death.
#pragma once

#include "net/peer/lane_outbox.hpp"
#include "net/peer/lane_stream.hpp"
#include "net/peer/peer_hello.hpp"
#include "net/peer/peer_message.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace weir::net {

/// Belongs to the control thread, the outbox apart. Made from an upgraded stream; begins with
/// start(), ends exactly once with on_closed (never from inside start() or finish()). Keeps itself
/// alive while operations are under way.
class lane_connection : public std::enable_shared_from_this<lane_connection> {
public:
  struct events {
    std::function<void(peer_message_ptr)> on_message;
    std::function<void(error_code)> on_closed;
  };

  lane_connection(lane_stream_ptr stream, const node_id& peer, const peer_hello& hello,
                  peer_metrics& metrics);

  void start(events handlers);
  /// Ends it now, for this reason. The caller holds a pointer of its own: on_closed may drop
  /// others.
  void close(error_code why);
  /// Takes no more messages, writes what is queued, then ends; after `limit` in any case.
  void finish(duration limit);

  const std::shared_ptr<lane_outbox>& outbox() const { return outbox_; }
  const peer_hello& hello() const { return hello_; }

private:
  void read();
  void on_read(error_code failed);
  void write();

  lane_stream_ptr stream_;
  node_id peer_;
  peer_hello hello_; // the other side's
  lane_metrics& metrics_;
  std::shared_ptr<lane_outbox> outbox_;
  std::shared_ptr<receive_window> window_;
  boost::asio::steady_timer finish_timer_;
  events handlers_;
  std::string incoming_;
  // Beast keeps a reference to it while it reads.
  std::optional<
      boost::asio::dynamic_string_buffer<char, std::char_traits<char>, std::allocator<char>>>
      into_;
  std::string outgoing_;
  bool reading_ = false;
  bool writing_ = false;
  bool finishing_ = false;
  bool closed_ = false;
};

} // namespace weir::net
