// Why a peer connection was not made, or ended: the reasons in log and metrics.
#pragma once

#include "base/result.hpp"

#include <cstddef>

namespace weir::net {

enum class peer_errc {
  handshake_timeout = 1, // not authenticated in time
  evicted,               // too many strangers at once: the oldest goes
  tls_failed,            // not TLS 1.3, no certificate, or not one of our authority
  foreign_certificate,   // ours, but it names no node of this cluster
  not_a_member,          // certified, but not on the member list (any more)
  wrong_node,            // another node answers at that address
  wrong_direction,       // the lower node id dials, not the higher
  stale_incarnation,     // an earlier life of that node
  bad_upgrade,           // not the WebSocket request we expect
  unsupported_version,   // no protocol version in common
  connect_failed,        // nobody listens there, or no route
  message_too_big,       // over the lane's bound
  not_binary,            // a text message
  queue_full,            // the peer does not take control messages
  idle,                  // nothing heard for too long
  closed_by_peer,        // the other side, or the network, ended it
  replaced,              // a newer connection of the same node took its place
  removed,               // taken off the member list
  stopping,              // this node stops
};
inline constexpr std::size_t peer_errc_count = static_cast<std::size_t>(peer_errc::stopping) + 1;

error_code make_error_code(peer_errc value);
/// A short snake_case name, for metrics and logs.
const char* to_string(peer_errc value);

} // namespace weir::net

template <>
struct boost::system::is_error_code_enum<weir::net::peer_errc> : std::true_type {};
