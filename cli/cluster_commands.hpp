// The verbs about the cluster as one node sees it: members, wait, drain, undrain, upstream ls.
#pragma once

#include "cli/command.hpp"

namespace weir::cli {

struct wait_options {
  std::size_t nodes = 1;
  bool ready = false; // else: alive
  duration timeout = 30s;
};

int members(const command_context& context);
/// Waits until that many members are ready (or alive); a node that does not answer yet is waited
/// for too.
int wait(const command_context& context, const wait_options& wanted);
/// Takes a node out of service and waits until it runs no request any more, or the deadline passes.
int drain(const command_context& context, const std::string& node, duration deadline);
int undrain(const command_context& context, const std::string& node);
int upstream_list(const command_context& context);

} // namespace weir::cli
