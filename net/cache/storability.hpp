// Whether a response may be stored, and what of it (RFC 9111 3).
#pragma once

#include "net/cache/freshness.hpp"

#include <cstdint>
#include <string_view>

namespace weir::net {

/// Why a response is stored or not. Reaches the access log and Cache-Status. Append only.
enum class storability : std::uint8_t {
  storable,
  method,        // not a GET
  status,        // not one we store
  partial,       // 206: parts are not put together
  request_store, // the request's no-store
  no_store,      // the response's
  is_private,    // for one client
  authorization, // the client was somebody, and the response does not say it is for all
  set_cookie,    // it sets a cookie, and does not say it is for all
  cookie,        // nothing but our `ttl` makes it fresh, and the request had cookies
  vary_any,      // Vary: *
  no_freshness,  // neither a lifetime nor a validator: it could never be used
  too_large,
  busy, // too much is being stored already
};
inline constexpr std::size_t storability_count = 14;
std::string_view name_of(storability reason);

/// What of the request counts.
struct request_facts {
  const request_head& head;
  const cache_directives& directives;
  bool identified = false; // it was let in as somebody: what Authorization means counts for it too
};

storability may_store(const request_facts& request, const response_facts& response,
                      const freshness& fresh, const cache_policy& policy);

/// Whether the field is left out of what is stored: it ends at this hop (RFC 9111 3.1), is named by
/// `no-cache` or `private`, is Age, which is written anew, or sets a cookie.
bool is_left_out(const response_head& head, const field& f, const cache_directives& directives);

/// Whether the response has a validator it can be asked about again by.
bool has_validator(const response_head& head);

} // namespace weir::net
