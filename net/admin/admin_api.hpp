// The paths of the admin API and what each answers.
#pragma once

#include "net/admin/admin_routes.hpp"
#include "net/admin/node_view.hpp"

namespace weir::net {

/// The server-sent events are the session's own work (they do not end), so the table only lists
/// their path.
inline constexpr const char* admin_events_path = "/api/v1/events";

/// All paths, answering from `node`, which must outlive the table. Control loop's thread.
admin_routes make_admin_routes(node_view& node);

} // namespace weir::net
