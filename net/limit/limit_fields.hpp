// The fields that tell a refused client of the limit (draft-ietf-httpapi-ratelimit-headers).
#pragma once

#include "net/limit/request_limit.hpp"
#include "net/proxy/reasons.hpp"

#include <array>
#include <chrono>
#include <string_view>

namespace weir::net {

/// Room for the lines of one refusal; on the stack of whoever writes it.
class limit_fields {
public:
  /// RateLimit-Policy and RateLimit with their CRLFs. `wait` is what Retry-After says.
  std::string_view lines(const request_limit& limit, end_reason why, std::chrono::seconds wait);

private:
  std::array<char, 512> room_;
};

} // namespace weir::net
