// The texts that stored responses are found by: the URL, and what else the response was selected by
// (RFC 9111 2, 4.1).
#pragma once

#include "net/cache/cache_policy.hpp"
#include "net/http/message.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

/// A request whose key would be longer is passed on uncached.
inline constexpr std::size_t cache_key_bytes_max = 8 * 1024;

/// Appends "scheme://host[:port]/path?query" with a lower-case host and without the scheme's own
/// port; the path and what the policy leaves of the query are as they were sent. REQUIRES: the
/// request is not for "*".
void append_url_key(std::string& out, const request_head& request, bool secure,
                    const cache_policy& policy);

/// The same for an absolute or relative reference of a response to that request (Location,
/// Content-Location), when it has the request's origin; false when it has another, or none is
/// named by it that could be stored.
bool append_reference_key(std::string& out, std::string_view reference, const request_head& request,
                          bool secure, const cache_policy& policy);

/// What selects one of the responses of a URL: names of request fields, lower-case, sorted, joined
/// by commas; empty when there is only one.
std::string selecting_fields(const response_head& response);

/// Appends what the request says in the selecting fields and in the policy's key headers and
/// cookies. Of the Accept fields order, case and blanks do not count, of others blanks around
/// commas do not; an absent field differs from an empty one.
void append_variant_key(std::string& out, const request_head& request, std::string_view selecting,
                        const cache_policy& policy);

/// The text that a coded body of the response with this text is found by.
std::string coded_key(std::string_view of, std::string_view coding);

/// Whether the policy alone makes variants of every URL.
inline bool has_own_variants(const cache_policy& policy) {
  return !policy.key_headers.empty() || !policy.key_cookies.empty();
}

} // namespace weir::net
