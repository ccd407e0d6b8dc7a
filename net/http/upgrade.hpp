// What a 101 means: which protocols were offered, and what was agreed on (RFC 9110 7.8).
#pragma once

#include "net/http/message.hpp"

namespace weir::net {

/// Whether this 101 names protocols, and only such as the request offered: an origin must not
/// switch to anything else. Names compare in any case, versions included.
bool accepts_offer(const request_head& request, const response_head& answer);

/// Whether the connection speaks WebSocket (RFC 6455) after this 101.
bool is_websocket(const response_head& answer);

} // namespace weir::net
