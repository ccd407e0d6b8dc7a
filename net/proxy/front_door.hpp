// Who comes in: addresses, limits, and room made for newcomers.
#pragma once

#include "net/proxy/connection_limits.hpp"
#include "net/proxy/listener.hpp"
#include "net/proxy/proxy_gate.hpp"
#include "net/proxy/shard_services.hpp"

#include <optional>

namespace weir::net {

class door_host {
public:
  /// An admitted client. Its place is given back to the limits, with its address, at its end.
  virtual void welcome(unique_fd socket, const client_facts& client) = 0;
  /// Closes one idle connection, if there is one that has been idle for a while.
  virtual bool evict_idle() = 0;

protected:
  ~door_host() = default;
};

/// Between one shard's listeners and its connections. A connection from a balancer that speaks the
/// PROXY protocol waits at the gate first, counted against `connections` only; then its client
/// counts like any other. Lives on its shard.
class front_door final : public connection_sink, public proxy_gate_host {
public:
  front_door(shard_services& shard, connection_limits& limits, door_host& host)
      : shard_(shard), limits_(limits), host_(host), gate_(shard.loop, *this) {}

  bool empty() const { return gate_.empty(); }
  /// Closes whoever waits at the gate.
  void close() { gate_.clear(); }

private:
  void on_connection(unique_fd socket, const socket_address& peer,
                     const listener_facts& listener) override;
  void on_out_of_descriptors() override;
  void on_announced(unique_fd socket, const socket_address& peer, const listener_facts& listener,
                    const std::optional<proxy_endpoints>& endpoints) override;
  void on_unannounced(const socket_address& peer, gate_refusal why) override;

  const config::limit_settings& limit() const;
  bool admit(const ip_address& client, std::uint32_t per_address_max);
  void enter(unique_fd socket, client_facts client);

  shard_services& shard_;
  connection_limits& limits_;
  door_host& host_;
  proxy_gate gate_;
};

} // namespace weir::net
