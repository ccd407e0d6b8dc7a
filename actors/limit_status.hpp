// Rate limits and bans as the admin API shows them, and what it changes.
#pragma once

#include "actors/ban_desk.hpp"
#include "actors/node_limits.hpp"
#include "net/admin/limit_view.hpp"
#include "net/admin/node_view.hpp"

#include <vector>

namespace weir::actors {

net::limits_status show_limits(node_limits& limits, const net::site_table& sites, steady_time now);
std::vector<net::ban_status> show_bans(const ban_board& board);

net::action_outcome reset_limit(node_limits& limits, const net::site_table& sites,
                                const std::string& key, const std::string& limit);
/// How an order to the ban keeper ended, in words.
net::action_outcome ban_outcome_of(error_code failed, const std::string& network, bool added);

} // namespace weir::actors
