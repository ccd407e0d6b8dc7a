// Preconditions: whether a request applies to the representation we have (RFC 9110 13).
#pragma once

#include "net/http/http_date.hpp"
#include "net/http/message.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::net {

/// What the selected representation is known by.
struct validators {
  std::string_view etag = {}; // "\"abc\"" or "W/\"abc\""; empty: none
  std::optional<http_time> last_modified = {};
  bool exists = true; // false: there is no current representation
};

enum class precondition : std::uint8_t {
  proceed,
  not_modified, // 304
  failed,       // 412
};

/// Evaluates If-Match, If-Unmodified-Since, If-None-Match and If-Modified-Since in the order of RFC
/// 9110 13.2.2. To be asked only when the answer without conditions would be a 2xx.
precondition evaluate_preconditions(const request_head& head, const validators& current,
                                    http_time now);

/// Whether a Range counts: there is no If-Range, or it names exactly the current representation by
/// a strong validator.
bool range_applies(const request_head& head, const validators& current, http_time now);

/// An entity-tag is `[W/]"..."` (RFC 9110 8.8.3).
bool is_entity_tag(std::string_view text);
bool strong_equal(std::string_view a, std::string_view b);
bool weak_equal(std::string_view a, std::string_view b);

} // namespace weir::net
