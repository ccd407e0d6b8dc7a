// etcd's answers about its members.
#pragma once

#include "net/etcd/etcd_admin.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net::etcd {

// Nothing when they are not what etcd sends.
std::optional<std::vector<member>> decode_members(std::string_view json);
/// The one that was added.
std::optional<member> decode_added(std::string_view json);
std::optional<member_status> decode_status(std::string_view json);
std::optional<std::vector<member_alarm>> decode_alarms(std::string_view json);
std::optional<bool> decode_health(std::string_view json);
/// The next piece of a snapshot's stream.
std::optional<std::string> decode_snapshot_piece(std::string_view json);

} // namespace weir::net::etcd
