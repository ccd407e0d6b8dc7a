// Connections of trusted load balancers, until they have said whose they are.
#pragma once

#include "base/unique_fd.hpp"
#include "net/io/event_loop.hpp"
#include "net/proxy/listener.hpp"
#include "net/proxy/proxy_header.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>

namespace weir::net {

/// Why a connection was closed before it was a client's. Append only.
enum class gate_refusal : std::uint8_t { malformed, timeout, gone };
inline constexpr std::size_t gate_refusal_count = 3;
std::string_view name_of(gate_refusal refusal);

class proxy_gate_host {
public:
  /// The header is read; what follows it is still in the socket. Without `endpoints` the
  /// connection's own addresses count.
  virtual void on_announced(unique_fd socket, const socket_address& peer,
                            const listener_facts& listener,
                            const std::optional<proxy_endpoints>& endpoints) = 0;
  /// The connection is closed: there was no header.
  virtual void on_unannounced(const socket_address& peer, gate_refusal why) = 0;

protected:
  ~proxy_gate_host() = default;
};

/// One shard's. Reads exactly the header and leaves the rest to whoever comes next, TLS or HTTP.
/// Holds no buffer; how many connections wait here is limited by who lets them in.
class proxy_gate {
public:
  proxy_gate(event_loop& loop, proxy_gate_host& host);
  ~proxy_gate();

  /// Waits at most `limit` for the header. Every connection that enters comes out through the host,
  /// but not before `clear` and maybe at once.
  void enter(unique_fd socket, const socket_address& peer, const listener_facts& listener,
             duration limit);
  bool empty() const { return waiting_.empty(); }
  /// Closes all that wait: `gone`.
  void clear();

private:
  class arrival;
  std::unique_ptr<arrival> take(arrival& which);
  void refuse(arrival& which, gate_refusal why);
  void announce(arrival& which, const std::optional<proxy_endpoints>& endpoints);

  event_loop& loop_;
  proxy_gate_host& host_;
  std::unordered_map<arrival*, std::unique_ptr<arrival>> waiting_;
};

} // namespace weir::net
