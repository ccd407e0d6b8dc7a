// Whom forward_auth asks, and what becomes of the answer.
#pragma once

#include "net/route/policy.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace weir::net {

/// `forward_auth` of a site or route, compiled. Immutable; any thread.
struct auth_rule {
  std::uint32_t upstream = 0;         // index into site_table::upstreams()
  std::string upstream_name;          // for logs
  std::string target;                 // of the question
  std::vector<std::string> copy;      // from a consent onto the request
  std::vector<std::string> copy_back; // and onto the answer
  duration timeout{};                 // for the whole of the answer
  std::uint64_t body_bytes_max = 0;   // of a refusal
  compiled_policy terms;              // of the question itself: its limits
};

} // namespace weir::net
