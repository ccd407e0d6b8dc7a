// `weir cert self-signed`: a site certificate for trying things out.
#pragma once

#include "cli/command.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::cli {

struct self_signed_options {
  std::vector<std::string> hosts; // names and addresses
  std::string cert;
  std::string key;
  std::uint32_t days = 90;
  bool force = false; // replace files that are there
};

/// Writes the certificate (0644) and its key (0600).
int self_signed(const command_context& context, const self_signed_options& wanted);

} // namespace weir::cli
