// One connection to the admin server. Private to net/admin.
#pragma once

#include "net/admin/admin_core.hpp"

#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

namespace weir::net {

/// Reads requests, has them answered, writes the answers, one at a time, until the client closes, a
/// deadline passes or the server is closed. Kept alive by its own coroutine.
class admin_session : public std::enable_shared_from_this<admin_session> {
public:
  /// `trusted`: it came over the unix socket, whose file mode has let it in.
  admin_session(std::shared_ptr<admin_core> core, admin_core::socket socket, bool trusted);

  boost::asio::awaitable<void> run();
  void close() { stream_.close(); }

private:
  using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using incoming = boost::beast::http::request<boost::beast::http::string_body>;

  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<admin_response> ask(admin_request request);
  boost::asio::awaitable<void> stream_events();
  boost::asio::awaitable<bool> write(const admin_response& answer, bool head_only, bool keep_alive);
  boost::asio::awaitable<bool> write_text(std::string_view text);
  admin_request describe(const incoming& message) const;

  std::shared_ptr<admin_core> core_;
  boost::beast::basic_stream<boost::asio::generic::stream_protocol> stream_;
  boost::beast::flat_buffer buffer_;
  bool trusted_;
};

} // namespace weir::net
