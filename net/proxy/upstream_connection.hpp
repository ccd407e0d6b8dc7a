// One connection to an origin: leased to an exchange, or idle in its pool.
#pragma once

#include "base/clock.hpp"
#include "base/ip_address.hpp"
#include "net/io/buffer_pool.hpp"
#include "net/io/event_loop.hpp"
#include "net/proxy/channel.hpp"
#include "net/upstream/server_table.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace weir::net {

class upstream_connection;

/// Whose a connection is, after a PROXY header said so.
struct announced_client {
  ip_address address;
  std::uint16_t port = 0;
  bool operator==(const announced_client&) const = default;
};

/// Whoever holds the connection at the moment: a dial, an exchange, or the pool's idle list.
class upstream_user {
public:
  /// Something became possible. The user may destroy the connection from here.
  virtual void on_upstream(upstream_connection& connection) = 0;

protected:
  ~upstream_user() = default;
};

/// Lives on one shard; watched by its loop from birth to death. Holds no buffer while idle.
class upstream_connection final : public io_handler {
public:
  upstream_connection(event_loop& loop, std::unique_ptr<stream> io, server_index server);
  ~upstream_connection();

  /// False when the loop cannot watch it.
  bool watch();
  void set_user(upstream_user* user) { user_ = user; }

  channel& wire() { return wire_; }
  server_index server() const { return server_; }

  buffer in;                    // what the origin sent and nobody has used yet
  server_slot slot;             // the place among the server's max_connections, while leased
  circuit_permit upload_permit; // while it is leased to a request whose body is still coming
  std::optional<announced_client> announced; // it serves this client only
  bool reused = false;                       // it had been idle before this exchange
  bool large = false;     // its last answer was: the next is read in large blocks from the start
  steady_time idle_since; // while idle

private:
  void on_io(io_events events) override;

  event_loop& loop_;
  channel wire_;
  upstream_user* user_ = nullptr;
  server_index server_;
};

} // namespace weir::net
