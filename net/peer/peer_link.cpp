// Dialling, adopting and closing the lanes to one member.
#include "net/peer/peer_link.hpp"

#include "base/log.hpp"
#include "net/peer/peer_errc.hpp"

#include <algorithm>
#include <utility>

namespace weir::net {

namespace {

/// A restarted node must be found within a second; a dead one must not cost more than a connect a
/// second.
constexpr backoff_options redial_options{100ms, 1s, 2.0, 0.2, 10s, 0};

} // namespace

peer_link::lane_state::lane_state(const boost::asio::any_io_executor& executor)
    : redial(executor), wait(redial_options) {}

peer_link::peer_link(const surroundings& around, peer_address address)
    : around_(around),
      address_(std::move(address)), lanes_{lane_state(around.executor), lane_state(around.executor),
                                           lane_state(around.executor)} {}

void peer_link::start() {
  if (!dials()) return;
  for (const lane which : all_lanes)
    dial(which);
}

error_code peer_link::admit(const peer_hello& hello) const {
  if (dials()) return peer_errc::wrong_direction;
  for (const auto& lane : lanes_)
    if (lane.connection && lane.connection->hello().incarnation > hello.incarnation)
      return peer_errc::stale_incarnation;
  return {};
}

void peer_link::adopt(peer_greeting greeting) {
  const auto hello = greeting.hello;
  drop_earlier_life(hello.incarnation);
  auto& lane = state(hello.which);
  auto connection = std::make_shared<lane_connection>(std::move(greeting.stream), address_.id,
                                                      hello, around_.metrics);
  const auto old = std::exchange(lane.connection, connection);
  // Two connections of one life: the newer one is right, the older one is half open or was given up
  // over there.
  if (old) old->close(peer_errc::replaced);
  lane.tried = std::chrono::steady_clock::now();
  connection->start({around_.events.on_message,
                     [weak = weak_from_this(), which = hello.which,
                      closing = std::weak_ptr<lane_connection>(connection)](error_code why) {
                       if (const auto self = weak.lock())
                         self->on_closed(which, closing.lock(), why);
                     }});
  around_.events.on_up(address_.id, hello.which, hello.incarnation,
                       std::min(hello.protocol, around_.self.protocol));
}

/// A node that came back cannot use what its earlier life opened: no need to wait for the idle
/// time-out.
void peer_link::drop_earlier_life(std::uint64_t incarnation) {
  for (auto& lane : lanes_)
    if (const auto old = lane.connection; old && old->hello().incarnation < incarnation)
      old->close(peer_errc::stale_incarnation);
}

void peer_link::on_closed(lane which, const std::shared_ptr<lane_connection>& connection,
                          error_code why) {
  count_reason(around_.metrics.closed, why);
  auto& lane = state(which);
  if (lane.connection != connection) return; // replaced
  const auto incarnation = connection->hello().incarnation;
  lane.connection.reset();
  around_.events.on_down(address_.id, which, incarnation, why);
  if (!closed_ && dials()) dial_later(which);
}

void peer_link::dial(lane which) {
  auto& lane = state(which);
  if (closed_ || lane.connection || lane.dial) return;
  ++around_.metrics.dials;
  lane.tried = std::chrono::steady_clock::now();
  lane.dial = std::make_shared<outbound_handshake>(
      around_.executor, around_.self, address_.id, which,
      [weak = weak_from_this(), which](peer_greeting greeting) {
        const auto self = weak.lock();
        if (!self) return;
        self->state(which).dial.reset();
        if (greeting.stream && !self->closed_) return self->adopt(std::move(greeting));
        count_reason(self->around_.metrics.dials_failed, greeting.failed);
        log::event("peer_dial_failed",
                   {{"peer", self->address_.name},
                    {"lane", rules_of(which).name},
                    {"reason", greeting.failed}},
                   log::level::debug);
        if (!self->closed_) self->dial_later(which);
      });
  lane.dial->start(address_.host, address_.port);
}

void peer_link::dial_later(lane which) {
  auto& lane = state(which);
  const auto wait = lane.wait.failed(lane.tried, std::chrono::steady_clock::now(), around_.random);
  lane.redial.expires_after(wait.value_or(redial_options.most));
  lane.redial.async_wait([weak = weak_from_this(), which](error_code cancelled) {
    const auto self = weak.lock();
    if (self && !cancelled) self->dial(which);
  });
}

void peer_link::close(error_code why) {
  closed_ = true;
  for (auto& lane : lanes_) {
    lane.redial.cancel();
    if (const auto dial = lane.dial) dial->cancel(why);
    if (const auto connection = lane.connection) connection->close(why);
  }
}

void peer_link::finish(duration limit) {
  closed_ = true;
  for (auto& lane : lanes_) {
    lane.redial.cancel();
    if (const auto dial = lane.dial) dial->cancel(peer_errc::stopping);
    if (lane.connection) lane.connection->finish(limit);
  }
}

std::shared_ptr<lane_outbox> peer_link::outbox(lane which) const {
  const auto& connection = lanes_[index_of(which)].connection;
  return connection ? connection->outbox() : nullptr;
}

} // namespace weir::net
