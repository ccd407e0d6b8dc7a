// Host names to socket addresses.
#pragma once

#include "base/result.hpp"
#include "config/settings.hpp"
#include "net/io/socket_address.hpp"

namespace weir::net {

/// The address of `endpoint`: itself when it is numeric or a unix path, else the first one the
/// system's resolver names. Blocks for as long as the resolver does: for slow threads only. Errors
/// are the resolver's.
result<socket_address> resolve(const config::endpoint_address& endpoint);

} // namespace weir::net
