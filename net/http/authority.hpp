// Host and authority syntax (RFC 9110 7.2, RFC 3986 3.2), narrower than the grammar where the rest
// only serves attacks.
#pragma once

#include <string_view>

namespace weir::net {

struct host_port {
  std::string_view host; // IPv6 without its brackets
  std::string_view port; // digits, maybe empty
  bool ipv6 = false;
};

/// Splits "host[:port]". False unless the host is a name of letters, digits and "-._~" (at most
/// 255), an IPv4 address or an IPv6 address in brackets, and the port at most 65535. No user, no
/// percent-encoding, no sub-delims, no zone.
bool split_authority(std::string_view authority, host_port& into);

} // namespace weir::net
