// What forward_auth's server said about a request.
#pragma once

#include "net/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::net {

/// The label `result` of weir_forward_auth_total. Append only.
enum class auth_outcome : std::uint8_t {
  passed,      // 2xx
  refused,     // any other status: the client's answer
  unreachable, // no connection, or it ended before the answer
  timeout,
  bad_answer, // not HTTP, cut off, too large, or a status that is no answer to a question
};
inline constexpr std::size_t auth_outcome_count = 5;
std::string_view name_of(auth_outcome outcome);

/// Kept by the exchange that was asked about, until it is reset.
struct auth_answer {
  auth_outcome outcome = auth_outcome::unreachable;
  response_head head; // of `passed` and `refused`: its end-to-end fields but for Content-Length
  std::string text;   // what the head's views point into
  std::string body;   // of `refused`

  auth_answer() = default;
  auth_answer(const auth_answer&) = delete;
  auth_answer& operator=(const auth_answer&) = delete;

  /// Copies status and fields.
  void take(const response_head& from);
};

} // namespace weir::net
