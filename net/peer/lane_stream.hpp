// The layers of one peer connection: WebSocket over TLS over TCP.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <memory>

namespace weir::net {

using lane_stream =
    boost::beast::websocket::stream<boost::beast::ssl_stream<boost::beast::tcp_stream>>;
using lane_stream_ptr = std::unique_ptr<lane_stream>;

/// Ends all operations on the stream at once.
inline void abandon(lane_stream& stream) {
  boost::system::error_code ignored;
  boost::beast::get_lowest_layer(stream).socket().close(ignored);
}

} // namespace weir::net
