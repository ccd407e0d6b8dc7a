// The dialling side of a peer handshake.
#include "net/peer/peer_handshake.hpp"

#include "net/peer/peer_errc.hpp"
#include "net/peer/peer_tls.hpp"

#include <boost/asio/connect.hpp>

#include <utility>

namespace weir::net {

namespace {

namespace websocket = boost::beast::websocket;
using boost::asio::ip::tcp;

} // namespace

outbound_handshake::outbound_handshake(boost::asio::any_io_executor executor, const peer_self& self,
                                       const node_id& peer, lane which, greeting_handler done)
    : self_(self), peer_(peer), which_(which), done_(std::move(done)),
      stream_(std::make_unique<lane_stream>(executor, *self_.tls)), resolver_(executor),
      deadline_(executor) {}

void outbound_handshake::start(const std::string& host, std::uint16_t port) {
  deadline_.expires_after(peer_handshake_max);
  deadline_.async_wait([self = shared_from_this()](error_code cancelled) {
    if (!cancelled) self->end(peer_errc::handshake_timeout);
  });
  resolver_.async_resolve(
      host, std::to_string(port),
      [self = shared_from_this()](error_code failed, const tcp::resolver::results_type& endpoints) {
        if (!self->done_) return;
        if (failed) return self->end(peer_errc::connect_failed);
        boost::beast::get_lowest_layer(*self->stream_)
            .async_connect(endpoints, [self](error_code connect_failed, const tcp::endpoint&) {
              self->on_connected(connect_failed);
            });
      });
}

void outbound_handshake::on_connected(error_code failed) {
  if (!done_) return;
  if (failed) return end(peer_errc::connect_failed);
  error_code ignored;
  boost::beast::get_lowest_layer(*stream_).socket().set_option(tcp::no_delay(true), ignored);
  stream_->next_layer().async_handshake(
      boost::asio::ssl::stream_base::client,
      [self = shared_from_this()](error_code handshake_failed) { self->on_tls(handshake_failed); });
}

void outbound_handshake::on_tls(error_code failed) {
  if (!done_) return;
  if (failed) return end(peer_errc::tls_failed);
  const auto name = peer_name_of(*stream_->next_layer().native_handle());
  if (!name || name->cluster != self_.name.cluster) return end(peer_errc::foreign_certificate);
  if (name->node != peer_) return end(peer_errc::wrong_node);
  stream_->set_option(websocket::stream_base::decorator(
      [mine = peer_hello{which_, self_.incarnation, self_.protocol}](
          websocket::request_type& request) { write_hello(request, mine); }));
  stream_->async_handshake(response_, "weir", target_of(which_),
                           [self = shared_from_this()](error_code upgrade_failed) {
                             self->on_upgraded(upgrade_failed);
                           });
}

void outbound_handshake::on_upgraded(error_code failed) {
  if (!done_) return;
  // The other side says no to a certificate or a lane by closing.
  if (failed) return end(peer_errc::closed_by_peer);
  const auto hello = read_hello(response_, which_);
  if (!hello) return end(hello.error());
  if (const auto version = common_version(self_.protocol, hello->protocol); !version)
    return end(version.error());
  deadline_.cancel();
  std::exchange(done_, nullptr)({std::move(stream_), {}, peer_, *hello});
}

void outbound_handshake::end(error_code why) {
  auto done = std::exchange(done_, nullptr);
  if (!done) return;
  deadline_.cancel();
  resolver_.cancel();
  abandon(*stream_);
  done({nullptr, why, peer_, {}});
}

} // namespace weir::net
