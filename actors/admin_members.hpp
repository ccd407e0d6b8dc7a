// From the cluster's member view to the rows of the admin API.
#pragma once

#include "cluster/member_view.hpp"
#include "net/admin/node_view.hpp"

#include <vector>

namespace weir::actors {

/// One row per member, in the view's order, as of `now`. A member that is not alive has no rate;
/// one that was never heard of has no time either.
std::vector<net::member_status> admin_members(const cluster::member_view& view, steady_time now);

} // namespace weir::actors
