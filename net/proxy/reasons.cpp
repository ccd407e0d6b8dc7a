// Names of the reasons, as logs and metrics show them.
#include "net/proxy/reasons.hpp"

#include <array>

namespace weir::net {

std::string_view name_of(end_reason reason) {
  static constexpr std::array<std::string_view, end_reason_count> names{
      "completed",          "refused",          "malformed_request",
      "bad_path",           "body_too_large",   "malformed_body",
      "header_timeout",     "body_timeout",     "request_timeout",
      "write_timeout",      "client_gone",      "no_server",
      "queue_full",         "queue_timeout",    "connect_failed",
      "upstream_reset",     "upstream_timeout", "upstream_malformed",
      "upstream_truncated", "not_supported",    "file_error",
      "shutting_down",      "transform_failed", "rate_limited",
      "too_many_under_way", "banned",           "not_cached",
      "circuit_open",       "upgraded",         "overloaded"};
  return names[static_cast<std::size_t>(reason)];
}

} // namespace weir::net
