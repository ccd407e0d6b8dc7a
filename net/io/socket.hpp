// Opening sockets: listen, accept and connect, non-blocking and close-on-exec throughout.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "net/io/socket_address.hpp"

#include <string_view>

namespace weir::net {

struct listen_options {
  int backlog = 4096;      // the kernel caps it at net.core.somaxconn
  bool reuse_port = true;  // several shards listen on one port; the kernel spreads connections
  bool dual_stack = false; // "::" takes IPv4 too
};

/// A bound, listening socket. A unix path that a dead process left behind is replaced; one that
/// somebody answers on is address_in_use.
result<unique_fd> listen_on(const socket_address& address, const listen_options& options = {});
/// Listens on what the config names: every address, IPv4 and IPv6, when the host is empty (IPv4
/// alone where the kernel has no IPv6).
result<unique_fd> listen_on(const config::endpoint_address& endpoint, listen_options options = {});

struct accepted_socket {
  unique_fd fd;
  socket_address peer;
};
/// One connection from a listener's queue, with TCP_NODELAY. operation_would_block: none waits.
/// Out of descriptors: too_many_files_open, and the connection stays in the queue.
result<accepted_socket> accept_from(int listener);

/// Begins to connect: the socket becomes writable when it is done; then ask `connect_error`.
/// TCP_NODELAY is set. Fails at once when the kernel knows at once (a unix socket nobody serves).
result<unique_fd> start_connect(const socket_address& address);
/// Sends all of `bytes`, which are few, on a socket that was just connected; false when it cannot.
bool send_at_once(int fd, std::string_view bytes);
/// How the connect ended (SO_ERROR); success also while it is still under way.
error_code connect_error(int fd);

result<socket_address> local_address(int fd);

} // namespace weir::net
