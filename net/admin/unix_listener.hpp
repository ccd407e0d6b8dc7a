// A listening unix socket whose file has the right mode before anyone can connect.
#pragma once

#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <sys/types.h>

#include <string>

namespace weir::net {

/// Binds and listens at `path`. A socket file that nobody serves any more (a killed node's) is
/// replaced; one that answers is `address_in_use`. Longer than 107 bytes: `filename_too_long`.
result<unique_fd> listen_unix(const std::string& path, mode_t mode);

} // namespace weir::net
