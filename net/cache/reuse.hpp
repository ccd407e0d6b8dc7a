// Whether a stored response may answer a request (RFC 9111 4, 5.2.1; RFC 5861).
#pragma once

#include "net/cache/stored_response.hpp"

#include <cstdint>
#include <string_view>

namespace weir::net {

enum class reuse_kind : std::uint8_t {
  fresh,
  stale_allowed,    // the client takes it stale (max-stale)
  stale_refreshing, // it may be used while it is validated in the background
  validate,         // not without asking the origin
};

/// Why a stored response needs the origin's word. Append only.
enum class validate_reason : std::uint8_t {
  none,
  request,  // the client asked for it: no-cache, max-age, min-fresh
  no_cache, // the response says so
  stale,
};

struct reuse_decision {
  reuse_kind kind = reuse_kind::validate;
  validate_reason why = validate_reason::none;
  delta_seconds age{};  // for the Age field
  std::int64_t ttl = 0; // seconds it stays fresh; negative: since when it is stale
};

/// The decision about a request with these directives. `pragma_no_cache`: there is no
/// Cache-Control, but "Pragma: no-cache" (RFC 9111 5.4).
reuse_decision judge_reuse(const stored_response& response, const cache_directives& request,
                           bool pragma_no_cache, const cache_policy& policy, cache_time now);

/// Whether it may be served although the origin failed (RFC 5861 4, RFC 9111 4.2.4).
bool may_serve_on_error(const stored_response& response, const cache_directives& request,
                        const cache_policy& policy, cache_time now);

/// RFC 9111 5.4; only without Cache-Control.
bool has_pragma_no_cache(const request_head& request);

} // namespace weir::net
