// The proxies a request says it came through: X-Forwarded-For and Forwarded as one list (RFC 7239
// 4).
#pragma once

#include "base/ip_address.hpp"
#include "net/http/known_fields.hpp"
#include "net/http/message.hpp"

#include <boost/container/small_vector.hpp>

#include <optional>
#include <string_view>

namespace weir::net {

inline constexpr field_set forwarding_fields{field_id::forwarded, field_id::x_forwarded_for,
                                             field_id::x_forwarded_host, field_id::x_forwarded_port,
                                             field_id::x_forwarded_proto};

/// What the fields say, checked for form only: whether to believe it is the caller's question.
/// Views into the head.
struct forwarded_chain {
  /// Nodes from the client's side to ours, as text that may stand in either field again: at most
  /// 32, the nearest ones.
  boost::container::small_vector<std::string_view, 8> nodes;
  std::string_view scheme; // "http", "https" or empty
  std::string_view host;   // a valid authority or empty
  std::string_view port;   // digits or empty
};

/// Reads X-Forwarded-*; where X-Forwarded-For is absent, Forwarded. Never both: proxies mostly
/// append to one of them and pass on what a client put into the other. Nodes left of one that is no
/// plausible node are not reported.
forwarded_chain read_forwarded_chain(const request_head& head);

/// The address of a node: an IPv4 or IPv6 address, maybe in brackets or with a port. Nothing for
/// "unknown" and "_hidden".
std::optional<ip_address> parse_node(std::string_view node);

} // namespace weir::net
