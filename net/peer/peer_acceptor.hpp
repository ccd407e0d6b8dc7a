// The peer port: lets strangers knock, a few at a time, and hands over those who turn out to be
// members.
#pragma once

#include "base/result.hpp"
#include "net/peer/peer_handshake.hpp"
#include "net/peer/peer_metrics.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <list>
#include <memory>

namespace weir::net {

/// Listens and authenticates. Control thread only; outlives its handshakes' callbacks by shared
/// ownership. At most `pending_max` sockets are unauthenticated at once: a further one pushes out
/// the oldest whose address is not a member's, else the oldest. Refusing the new one instead would
/// let 32 idle sockets keep every member out.
class peer_acceptor : public std::enable_shared_from_this<peer_acceptor> {
public:
  static constexpr std::size_t pending_max = 32;

  struct events {
    inbound_handshake::admission admit;
    std::function<bool(const ip_address&)> is_member_address;
    std::function<void(peer_greeting)> on_peer; // authenticated ones only
  };

  peer_acceptor(boost::asio::any_io_executor executor, const peer_self& self, peer_metrics& metrics,
                events handlers);

  /// Binds and begins; `port` 0 lets the system pick. Errors: the system's (address in use, …).
  error_code listen(const boost::asio::ip::tcp::endpoint& where);
  std::uint16_t port() const;
  /// Closes the port and everyone unauthenticated.
  void stop();

private:
  using pending_list = std::list<std::shared_ptr<inbound_handshake>>;

  void accept();
  void on_accepted(boost::asio::ip::tcp::socket socket);
  void make_room();

  peer_self self_;
  peer_metrics& metrics_;
  events handlers_;
  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  pending_list pending_; // oldest first
};

} // namespace weir::net
