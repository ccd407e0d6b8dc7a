// The paths of the admin API about rate limits and bans.
#pragma once

#include "net/admin/admin_routes.hpp"
#include "net/admin/node_view.hpp"

namespace weir::net {

/// Adds them to the table. `node` must outlive it.
void add_limit_routes(admin_routes& routes, node_view& node);

} // namespace weir::net
