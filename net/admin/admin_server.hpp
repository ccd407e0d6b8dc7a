// The HTTP server behind the admin API: a unix socket, TCP where wanted, on the control loop.
#pragma once

#include "base/metrics_registry.hpp"
#include "base/result.hpp"
#include "config/settings.hpp"
#include "net/admin/admin_token.hpp"
#include "net/admin/node_view.hpp"
#include "net/client/control_loop.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace weir::net {

struct admin_server_options {
  std::vector<config::endpoint_address> listen;
  std::optional<admin_token> token; // none: TCP clients cannot change anything
  unsigned socket_mode = 0600;      // of a unix socket; 0660 lets a group in
  std::size_t connections_max = 256;
  std::size_t event_streams_max = 32;
  std::uint32_t header_bytes_max = 32 * 1024; // what explain may be asked, encoded, fits in
  std::uint64_t body_bytes_max = 64 * 1024;
  duration idle = 60s;             // for the next whole request
  duration write_timeout = 10s;    // a reader slower than that is dropped
  duration action_deadline = 2min; // of a reload, a drain: then 504
  duration event_interval = 1s;
};

class admin_core;

/// Serves HTTP/1.1 with keep-alive. What it may answer lies in admin_api; this class owns sockets,
/// limits and deadlines. Made and destroyed by any thread (it works on the loop and waits);
/// destroying it closes every connection. `loop` and `node` must outlive it.
class admin_server {
public:
  /// Binds every address. An error names the address it is about.
  struct open_error {
    std::string address;
    error_code code;
  };
  static std::unique_ptr<admin_server> open(control_loop& loop, node_view& node,
                                            admin_server_options options, open_error& error);
  ~admin_server();
  admin_server(const admin_server&) = delete;
  admin_server& operator=(const admin_server&) = delete;

  /// The addresses as bound (port 0 became a real one), as `endpoint_address::text()` writes them.
  std::vector<std::string> addresses() const;
  /// Adds weir_admin_*. Any thread.
  void collect(metrics_writer& out) const;

private:
  admin_server(control_loop& loop, std::shared_ptr<admin_core> core);

  control_loop& loop_;
  std::shared_ptr<admin_core> core_;
};

} // namespace weir::net
