// The accepting side of a peer handshake.
#include "net/peer/peer_handshake.hpp"

#include "net/peer/peer_errc.hpp"
#include "net/peer/peer_tls.hpp"

#include <boost/beast/http/read.hpp>

#include <utility>

namespace weir::net {

namespace {

namespace websocket = boost::beast::websocket;

ip_address address_of(const boost::asio::ip::tcp::socket& socket) {
  error_code failed;
  const auto remote = socket.remote_endpoint(failed);
  if (failed) return {};
  return ip_address::from_sockaddr(*remote.data()).value_or(ip_address{});
}

} // namespace

inbound_handshake::inbound_handshake(boost::asio::ip::tcp::socket socket, const peer_self& self,
                                     admission admit, greeting_handler done)
    : self_(self), admit_(std::move(admit)), done_(std::move(done)), from_(address_of(socket)),
      stream_(std::make_unique<lane_stream>(std::move(socket), *self_.tls)),
      deadline_(stream_->get_executor()) {
  parser_.header_limit(peer_upgrade_bytes_max);
  parser_.body_limit(0);
}

void inbound_handshake::start() {
  deadline_.expires_after(peer_handshake_max);
  deadline_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->end(peer_errc::handshake_timeout);
  });
  stream_->next_layer().async_handshake(
      boost::asio::ssl::stream_base::server,
      [self = shared_from_this()](error_code failed) { self->on_tls(failed); });
}

void inbound_handshake::on_tls(error_code failed) {
  if (!done_) return;
  if (failed) return end(peer_errc::tls_failed);
  const auto name = peer_name_of(*stream_->next_layer().native_handle());
  if (!name || name->cluster != self_.name.cluster) return end(peer_errc::foreign_certificate);
  peer_ = name->node;
  boost::beast::http::async_read(stream_->next_layer(), buffer_, parser_,
                                 [self = shared_from_this()](error_code read_failed, std::size_t) {
                                   self->on_request(read_failed);
                                 });
}

void inbound_handshake::on_request(error_code failed) {
  if (!done_) return;
  if (failed) return end(peer_errc::bad_upgrade);
  const auto hello = read_hello(parser_.get());
  if (!hello) return end(hello.error());
  hello_ = *hello;
  if (const auto version = common_version(self_.protocol, hello_.protocol); !version)
    return end(version.error());
  if (const auto refused = admit_(peer_, hello_)) return end(refused);
  stream_->set_option(websocket::stream_base::decorator(
      [mine = peer_hello{hello_.which, self_.incarnation, self_.protocol}](
          websocket::response_type& response) { write_hello(response, mine); }));
  stream_->async_accept(parser_.get(), [self = shared_from_this()](error_code accept_failed) {
    self->end(accept_failed ? make_error_code(peer_errc::bad_upgrade) : error_code{});
  });
}

void inbound_handshake::end(error_code why) {
  auto done = std::exchange(done_, nullptr);
  if (!done) return;
  deadline_.cancel();
  if (!why) return done({std::move(stream_), {}, peer_, hello_});
  abandon(*stream_);
  done({nullptr, why, peer_, hello_});
}

} // namespace weir::net
