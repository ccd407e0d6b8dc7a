// The verbs about rate limits and bans.
#pragma once

#include "cli/command.hpp"

#include <string>

namespace weir::cli {

/// Limits of the configuration, and the keys that have used them up most.
int limit_list(const command_context& context);
/// Gives a key its whole burst again, in one limit or (empty) in all.
int limit_reset(const command_context& context, const std::string& key, const std::string& limit);
int ban_list(const command_context& context);
int ban_add(const command_context& context, const std::string& network, duration time,
            const std::string& reason);
int ban_remove(const command_context& context, const std::string& network);

} // namespace weir::cli
