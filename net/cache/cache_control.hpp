// Cache-Control of requests and responses (RFC 9111 5.2, RFC 5861, RFC 8246) and CDN-Cache-Control
// (RFC 9213).
#pragma once

#include "net/http/message.hpp"

#include <boost/container/static_vector.hpp>

#include <chrono>
#include <optional>
#include <string_view>

namespace weir::net {

using delta_seconds = std::chrono::seconds;

/// What RFC 9111 1.2.2 has larger values stand for.
inline constexpr delta_seconds delta_seconds_max{2'147'483'648};

/// Lists of field names, as `no-cache="a, b"` has them: views of what stands between the quotes.
using qualified_fields = boost::container::static_vector<std::string_view, 4>;

/// The directives of one message. Views point into its field values. Of a directive that comes
/// twice the first one counts (RFC 9111 4.2.1). A lifetime that is no number is zero: "invalid
/// freshness information" is stale; what would allow more (max-stale, stale-…) is ignored then.
struct cache_directives {
  bool present = false; // there is such a field
  bool no_store = false;
  bool no_cache = false; // without a list of fields
  bool is_private = false;
  bool is_public = false;
  bool must_revalidate = false;
  bool proxy_revalidate = false;
  bool must_understand = false;
  bool only_if_cached = false;
  bool any_staleness = false; // max-stale without a value
  std::optional<delta_seconds> max_age;
  std::optional<delta_seconds> s_maxage;
  std::optional<delta_seconds> max_stale;
  std::optional<delta_seconds> min_fresh;
  std::optional<delta_seconds> stale_while_revalidate;
  std::optional<delta_seconds> stale_if_error;
  qualified_fields no_cache_fields;
  qualified_fields private_fields;
};

/// All Cache-Control lines of the head. Case does not matter, unknown directives are skipped, token
/// and quoted forms are both accepted (RFC 9111 5.2).
cache_directives read_cache_control(const message_head& head);

/// What the targeted field CDN-Cache-Control says: nothing when it is absent, empty, or not a
/// Dictionary (RFC 8941); then Cache-Control and Expires hold.
std::optional<cache_directives> read_targeted_cache_control(const message_head& head);

/// 1*DIGIT, saturating; nothing for anything else.
std::optional<delta_seconds> read_delta_seconds(std::string_view text);

} // namespace weir::net
