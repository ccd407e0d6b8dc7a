// One kept connection to one member of etcd: HTTP/1.1 over TCP, with or without mutual TLS.
#pragma once

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/address_settings.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::net::etcd {

/// How far a call got.
enum class transport {
  ok,
  not_sent,  // nothing of it has reached the member's etcd
  refused,   // the member does not accept our certificate, or we not its
  broken,    // sent, and no whole answer
  too_large, // an answer of more than was allowed
};

struct http_exchange {
  std::string target; // POST with a body, else GET
  std::string body;
  bool needs_leader = true;  // a member that knows of none is to refuse
  std::size_t body_max = 0;  // of the answer
  duration first_byte_max{}; // to the answer's head
  duration last_byte_max{};  // from there to its end
};

struct http_reply {
  transport how = transport::not_sent;
  unsigned status = 0;
  std::string body;
};

/// Used by one call at a time, on its context's thread. The coroutines keep it alive.
class etcd_connection : public std::enable_shared_from_this<etcd_connection> {
public:
  using tls_context = std::shared_ptr<boost::asio::ssl::context>;

  /// With `tls`: its authority decides, and the certificate must be for the address' host.
  etcd_connection(boost::asio::io_context& context, config::endpoint_address to, tls_context tls);

  /// Resolves, connects, shakes hands: `ok`, `not_sent` or `refused`.
  boost::asio::awaitable<transport> open(duration within);
  boost::asio::awaitable<http_reply> exchange(http_exchange what);
  /// As `exchange`, but hands the answer's body to `take` as it comes and has no end by time once
  /// it has begun. `take` returns false to end it. Not reusable afterwards.
  boost::asio::awaitable<http_reply> stream(http_exchange what,
                                            std::function<bool(std::string_view)> take);

  /// Nothing has happened on it since its last call, and the last answer allows another.
  bool reusable();
  void close();

private:
  template <class Stream>
  boost::asio::awaitable<http_reply> exchange_on(Stream& stream, http_exchange what);
  template <class Stream>
  boost::asio::awaitable<http_reply> stream_on(Stream& stream, http_exchange what,
                                               std::function<bool(std::string_view)> take);
  template <class Stream>
  boost::asio::awaitable<transport> send(Stream& stream, http_exchange what);
  bool prepare_tls();

  config::endpoint_address to_;
  tls_context tls_;
  boost::asio::ip::tcp::resolver resolver_;
  boost::beast::tcp_stream tcp_;
  std::optional<boost::asio::ssl::stream<boost::beast::tcp_stream&>> secure_;
  boost::beast::flat_buffer buffer_;
  bool keep_ = false;
  bool closed_ = false; // by us: a resolver cannot be interrupted
  bool fresh_ = true;   // nobody has answered on it yet
};

} // namespace weir::net::etcd
