// What the cache knows of a stored response besides its body, and how it is written down.
#pragma once

#include "net/cache/freshness.hpp"
#include "net/cache/storability.hpp"
#include "net/http/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::net {

/// What an entry of the store is.
enum class stored_kind : std::uint8_t {
  response,
  /// Stands in a URL's place when there are variants: which fields select among them.
  variants,
  /// A response's body in a content coding of ours; its head is the response's.
  coded,
};

/// One entry's meta, decoded: views into it. Durations are what the response said; whether they
/// apply is `judge_reuse`'s to say.
struct stored_response {
  stored_kind kind = stored_kind::response;
  std::uint16_t status = 0;
  std::uint8_t minor_version = 1; // the origin's
  bool no_cache = false;
  bool must_revalidate = false;  // or proxy-revalidate
  bool shared_lifetime = false;  // s-maxage: never stale without being asked for (5.2.2.10)
  bool assumed_lifetime = false; // nobody promised it: `ttl` or the heuristic
  bool varies = false;           // found by more than its URL
  cache_time response_time{};    // when it arrived, or was last validated
  std::chrono::milliseconds initial_age{};
  delta_seconds lifetime{};
  std::optional<delta_seconds> stale_while_revalidate;
  std::optional<delta_seconds> stale_if_error;
  std::uint64_t owner = 0;        // which route and upstream it came through
  std::uint64_t body_id = 0;      // of this very body: what is coded belongs to one with the same
  std::string_view reason;        // phrase
  std::string_view selecting;     // of `variants`, and of a response that is one
  std::string_view tags;          // the value of the policy's tag field
  std::string_view field_section; // "Name: value\r\n"...
};

/// The meta of a response that is stored now.
std::string encode_stored(const stored_response& response);

/// False for what is not one, or of another version of Weir: then the entry is of no use.
bool decode_stored(std::string_view meta, stored_response& into);

/// The head to answer with; its views point into the meta. `body_bytes` becomes its length.
void make_head(const stored_response& response, std::uint64_t body_bytes, response_head& into);

/// RFC 9111 4.2.3: current_age.
std::chrono::milliseconds age_of(const stored_response& response, cache_time now);

/// When nothing can be done with it any more: neither fresh, nor stale within what is allowed, nor
/// worth a validation (`kept_for_validation` beyond its lifetime). Wall seconds.
std::int64_t expiry_of(const stored_response& response, const cache_policy& policy,
                       bool validators);

/// From a response that may be stored to what is kept of it; `section` receives the field lines and
/// must outlive the result. REQUIRES: the response's head is not made of `section`.
stored_response describe(const response_facts& response, const freshness& fresh,
                         const cache_policy& policy, std::string& section);

/// RFC 9111 3.2: `into` receives the stored field lines with those of the 304 in their place.
/// Fields that belong to the stored body stay as they were.
void freshen_section(const response_head& stored, const response_head& validated,
                     const cache_directives& directives, std::string& into);

} // namespace weir::net
