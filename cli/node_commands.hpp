// The verbs about one node: validate, reload, stop, status, version.
#pragma once

#include "cli/command.hpp"

namespace weir::cli {

/// Prints what is wrong with a file, all of it; ok when nothing is.
int validate(const command_context& context, const std::string& file);
/// Says what a file (empty: the node's own) would change in the node, which changes nothing.
int plan(const command_context& context, const std::string& file);
/// Has the node read its file again and waits for the result.
int reload(const command_context& context);
/// Has the node drain and end, and waits until it is gone.
int stop(const command_context& context, duration deadline);
int status(const command_context& context);
int version(const command_context& context);

} // namespace weir::cli
