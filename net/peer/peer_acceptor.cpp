// Accepting and authenticating peers.
#include "net/peer/peer_acceptor.hpp"

#include "net/peer/peer_errc.hpp"

#include <algorithm>

namespace weir::net {

namespace {

using boost::asio::ip::tcp;

/// When accept() itself fails (no descriptors left), trying again at once would only burn the core.
constexpr duration accept_pause = 100ms;

} // namespace

peer_acceptor::peer_acceptor(boost::asio::any_io_executor executor, const peer_self& self,
                             peer_metrics& metrics, events handlers)
    : self_(self), metrics_(metrics), handlers_(std::move(handlers)), acceptor_(executor),
      pause_(executor) {}

error_code peer_acceptor::listen(const tcp::endpoint& where) {
  error_code failed;
  acceptor_.open(where.protocol(), failed);
  if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
  if (!failed && where.address().is_v6())
    acceptor_.set_option(boost::asio::ip::v6_only(false), failed);
  if (!failed) acceptor_.bind(where, failed);
  if (!failed) acceptor_.listen(boost::asio::socket_base::max_listen_connections, failed);
  if (!failed) accept();
  return failed;
}

std::uint16_t peer_acceptor::port() const {
  error_code ignored;
  return acceptor_.local_endpoint(ignored).port();
}

void peer_acceptor::stop() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  while (!pending_.empty()) {
    const auto next = pending_.front();
    next->cancel(peer_errc::stopping);
  }
}

void peer_acceptor::accept() {
  acceptor_.async_accept([self = shared_from_this()](error_code failed, tcp::socket socket) {
    if (!self->acceptor_.is_open()) return;
    if (!failed) {
      self->on_accepted(std::move(socket));
      return self->accept();
    }
    self->pause_.expires_after(accept_pause);
    self->pause_.async_wait([self](error_code cancelled) {
      if (!cancelled) self->accept();
    });
  });
}

void peer_acceptor::on_accepted(tcp::socket socket) {
  ++metrics_.accepted;
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  make_room();
  const auto place = pending_.emplace(pending_.end());
  *place = std::make_shared<inbound_handshake>(
      std::move(socket), self_, handlers_.admit,
      [weak = weak_from_this(), place](peer_greeting greeting) {
        const auto self = weak.lock();
        if (!self) return;
        self->pending_.erase(place);
        --self->metrics_.unauthenticated;
        if (greeting.stream) return self->handlers_.on_peer(std::move(greeting));
        count_reason(self->metrics_.inbound_refused, greeting.failed);
      });
  ++metrics_.unauthenticated;
  (*place)->start();
}

void peer_acceptor::make_room() {
  if (pending_.size() < pending_max) return;
  auto victim = std::ranges::find_if(
      pending_, [&](const auto& pending) { return !handlers_.is_member_address(pending->from()); });
  if (victim == pending_.end()) victim = pending_.begin();
  const auto evicted = *victim; // its end erases the list's entry
  evicted->cancel(peer_errc::evicted);
}

} // namespace weir::net
