// Whether a rate limit concerns a request, and by which key it counts it.
#pragma once

#include "net/limit/limit_keys.hpp"
#include "net/limit/request_limit.hpp"

#include <cstdint>
#include <string_view>

namespace weir::net {

/// Reaches `weir explain`. Append only.
enum class limit_concern : std::uint8_t {
  counts,
  other_method, // not in `methods`
  exempt,       // the client is in `exempt`
  no_key,       // the request has nothing of what the limit counts by
};
inline constexpr std::size_t limit_concern_count = 4;
/// A stable snake_case name.
std::string_view name_of(limit_concern concern);

struct limit_question {
  limit_concern concern = limit_concern::counts;
  std::uint64_t key = 0; // what limit_keys::hash says; 0 unless it counts
};

limit_question question_of(const request_limit& limit, const limit_subject& subject,
                           limit_keys& keys);

} // namespace weir::net
