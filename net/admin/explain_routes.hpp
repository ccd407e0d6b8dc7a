// The admin path that says why a request would go where it would go.
#pragma once

#include "net/admin/admin_routes.hpp"
#include "net/admin/node_view.hpp"

namespace weir::net {

void add_explain_routes(admin_routes& routes, node_view& node);

} // namespace weir::net
