// A peer connection being made: TCP accepted or dialled, then TLS, then the upgrade, all within one
// deadline.
#pragma once

#include "base/ip_address.hpp"
#include "net/peer/lane_stream.hpp"
#include "net/peer/peer_hello.hpp"
#include "net/tls/pki.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <functional>
#include <memory>
#include <string>

namespace weir::net {

/// Everything until both sides know each other.
inline constexpr duration peer_handshake_max = 3s;
/// An upgrade request or response of ours has some 300 bytes.
inline constexpr std::uint32_t peer_upgrade_bytes_max = 4096;

/// Who we are to the other side.
struct peer_self {
  pki::peer_name name;
  std::uint64_t incarnation = 0;
  std::uint16_t protocol = 0;
  std::shared_ptr<boost::asio::ssl::context> tls;
};

/// What a handshake ends with: a stream and who is at its other end, or why not.
struct peer_greeting {
  lane_stream_ptr stream; // null: `failed` says why
  error_code failed;
  node_id peer;
  peer_hello hello; // theirs
};
using greeting_handler = std::function<void(peer_greeting)>;

/// A stranger who may become a peer. Control thread only. Ends exactly once with the handler, also
/// when cancelled; keeps itself alive until then.
class inbound_handshake : public std::enable_shared_from_this<inbound_handshake> {
public:
  /// Asked once the certificate and the request are known: whether that node may have this lane.
  using admission = std::function<error_code(const node_id&, const peer_hello&)>;

  inbound_handshake(boost::asio::ip::tcp::socket socket, const peer_self& self, admission admit,
                    greeting_handler done);
  void start();
  void cancel(error_code why) { end(why); }
  const ip_address& from() const { return from_; }

private:
  void on_tls(error_code failed);
  void on_request(error_code failed);
  void end(error_code why);

  peer_self self_;
  admission admit_;
  greeting_handler done_;
  ip_address from_;
  lane_stream_ptr stream_;
  boost::asio::steady_timer deadline_;
  boost::beast::flat_buffer buffer_;
  boost::beast::http::request_parser<boost::beast::http::empty_body> parser_;
  node_id peer_;
  peer_hello hello_;
};

/// Our way to a peer: resolve, connect, TLS, upgrade. As above.
class outbound_handshake : public std::enable_shared_from_this<outbound_handshake> {
public:
  outbound_handshake(boost::asio::any_io_executor executor, const peer_self& self,
                     const node_id& peer, lane which, greeting_handler done);
  /// `host` is a name or an address without brackets.
  void start(const std::string& host, std::uint16_t port);
  void cancel(error_code why) { end(why); }

private:
  void on_connected(error_code failed);
  void on_tls(error_code failed);
  void on_upgraded(error_code failed);
  void end(error_code why);

  peer_self self_;
  node_id peer_;
  lane which_;
  greeting_handler done_;
  lane_stream_ptr stream_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::asio::steady_timer deadline_;
  boost::beast::websocket::response_type response_;
};

} // namespace weir::net
