// Reading and writing one lane.
#include "net/peer/lane_connection.hpp"

#include "net/peer/peer_errc.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/websocket/error.hpp>

#include <utility>

namespace weir::net {

namespace {

namespace asio = boost::asio;
namespace websocket = boost::beast::websocket;

/// For the WebSocket close and TLS shutdown that Beast goes through when the other side breaks the
/// protocol: what that side does not answer must not keep the lane open.
constexpr duration close_patience = 1s;

/// The reason behind what Beast says.
error_code reason_of(const error_code& failed) {
  if (failed == websocket::error::message_too_big || failed == websocket::error::buffer_overflow)
    return peer_errc::message_too_big;
  if (failed == boost::beast::error::timeout) return peer_errc::idle;
  return peer_errc::closed_by_peer;
}

} // namespace

lane_connection::lane_connection(lane_stream_ptr stream, const node_id& peer,
                                 const peer_hello& hello, peer_metrics& metrics)
    : stream_(std::move(stream)), peer_(peer), hello_(hello), metrics_(metrics.of(hello.which)),
      finish_timer_(stream_->get_executor()) {}

void lane_connection::start(events handlers) {
  handlers_ = std::move(handlers);
  const auto& rules = rules_of(hello_.which);
  auto later = [weak = weak_from_this(),
                executor = stream_->get_executor()](void (lane_connection::*step)()) {
    return [weak, executor, step] {
      asio::post(executor, [weak, step] {
        if (auto self = weak.lock()) (self.get()->*step)();
      });
    };
  };
  outbox_ = std::make_shared<lane_outbox>(hello_.which, metrics_, later(&lane_connection::write));
  window_ = std::make_shared<receive_window>(rules.queue_bytes_max, later(&lane_connection::read));
  stream_->set_option(websocket::stream_base::timeout{close_patience, rules.idle_max, true});
  stream_->read_message_max(rules.message_bytes_max);
  stream_->binary(true);
  stream_->auto_fragment(false);
  ++metrics_.open;
  read();
}

void lane_connection::read() {
  if (closed_ || reading_) return;
  if (!window_->open()) {
    ++metrics_.read_pauses;
    return;
  }
  reading_ = true;
  incoming_.clear();
  into_.emplace(incoming_, rules_of(hello_.which).message_bytes_max);
  stream_->async_read(*into_, [self = shared_from_this()](error_code failed, std::size_t) {
    self->on_read(failed);
  });
}

void lane_connection::on_read(error_code failed) {
  reading_ = false;
  if (failed) return close(reason_of(failed));
  if (!stream_->got_binary()) return close(peer_errc::not_binary);
  if (closed_) return;
  ++metrics_.messages_received;
  metrics_.bytes_received += incoming_.size();
  handlers_.on_message(std::make_shared<const peer_message>(peer_, hello_.which, hello_.incarnation,
                                                            std::move(incoming_), window_));
  read();
}

void lane_connection::write() {
  if (closed_ || writing_) return;
  if (outbox_->overflowed()) return close(peer_errc::queue_full);
  auto next = outbox_->pop();
  if (!next) {
    if (finishing_) close(peer_errc::stopping);
    return;
  }
  outgoing_ = std::move(*next);
  writing_ = true;
  stream_->async_write(asio::buffer(outgoing_),
                       [self = shared_from_this()](error_code failed, std::size_t) {
                         self->writing_ = false;
                         if (failed) return self->close(reason_of(failed));
                         ++self->metrics_.messages_sent;
                         self->metrics_.bytes_sent += self->outgoing_.size();
                         self->write();
                       });
}

void lane_connection::finish(duration limit) {
  finishing_ = true;
  outbox_->close();
  finish_timer_.expires_after(limit);
  finish_timer_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->close(peer_errc::stopping);
  });
  asio::post(stream_->get_executor(), [self = shared_from_this()] { self->write(); });
}

void lane_connection::close(error_code why) {
  if (std::exchange(closed_, true)) return;
  --metrics_.open;
  outbox_->close();
  finish_timer_.cancel();
  abandon(*stream_);
  auto handlers = std::exchange(handlers_, {});
  handlers.on_closed(why);
}

} // namespace weir::net
