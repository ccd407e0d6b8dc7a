// What the cache did about a request, for the metric, the log and the field Cache-Status (RFC
// 9211).
#pragma once

#include "net/cache/storability.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::net {

/// As weir_cache_requests_total counts it. Append only.
enum class cache_outcome : std::uint8_t {
  none, // the route has no cache
  hit,
  miss,
  stale,       // served stale: allowed by the response, the client or the configuration
  revalidated, // the origin confirmed what was stored
  coalesced,   // answered by what another request fetched
  bypass,      // neither looked up nor stored
};
inline constexpr std::size_t cache_outcome_count = 7;
std::string_view name_of(cache_outcome outcome);

/// Why a request went on to the origin (RFC 9211 2.2).
enum class forward_reason : std::uint8_t {
  none,
  bypass,
  method,
  uri_miss,
  vary_miss,
  request,
  stale
};
/// As the field has it; empty for none.
std::string_view name_of(forward_reason reason);

/// The parts of one member of the field.
struct cache_status {
  forward_reason forwarded = forward_reason::none; // none: a hit
  std::uint16_t forward_status = 0;                // of the origin, if it differs from ours
  std::optional<std::int64_t> ttl;
  bool stored = false;
  bool collapsed = false;
  std::string_view detail; // a token
};

/// "Age: …\r\n" (with an age) and "Cache-Status: weir; …\r\n".
class cache_lines {
public:
  std::string_view write(const cache_status& status, std::optional<delta_seconds> age);

private:
  std::array<char, 224> text_;
};

} // namespace weir::net
