// What the connections of the admin server share: the table, the limits, the counters. Private to
// net/admin.
#pragma once

#include "net/admin/admin_routes.hpp"
#include "net/admin/admin_server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <array>
#include <functional>
#include <unordered_map>

namespace weir::net {

/// Lives as long as its longest connection; every member but the counters belongs to the loop's
/// thread.
class admin_core : public std::enable_shared_from_this<admin_core> {
public:
  using socket = boost::asio::generic::stream_protocol::socket;
  template <class Protocol>
  using acceptor = boost::asio::basic_socket_acceptor<Protocol>;

  admin_core(boost::asio::io_context& context, node_view& node, admin_server_options settings);

  /// Binds one address and begins to accept.
  error_code listen(const config::endpoint_address& address);
  /// Stops accepting and closes every connection. Nothing touches the node after it.
  void close();
  bool closed() const { return closed_; }

  /// The dashboard's snapshot on one line, made at most once per half interval however many read
  /// it.
  const std::string& snapshot_line();
  void count_answer(unsigned status) { answers[status / 100 < 6 ? status / 100 : 0].add(); }

  const admin_server_options options;
  const admin_routes routes;
  std::vector<std::string> addresses;
  std::size_t event_streams = 0;

  std::array<counter, 6> answers; // by status class
  counter refused;                // over connections_max
  gauge connections;

private:
  error_code listen_tcp(const config::endpoint_address& address);
  error_code listen_local(const config::endpoint_address& address);
  template <class Protocol>
  boost::asio::awaitable<void> accept(std::shared_ptr<acceptor<Protocol>> from, bool trusted);
  void admit(socket fresh, bool trusted);

  boost::asio::io_context& context_;
  node_view& node_;
  std::vector<std::function<void()>> close_acceptors_;
  std::vector<std::string> socket_files_;
  std::unordered_map<std::uint64_t, std::function<void()>> close_connections_;
  std::uint64_t last_connection_ = 0;
  std::string snapshot_;
  steady_time snapshot_at_{};
  bool closed_ = false;
};

} // namespace weir::net
