// The whole of a response that Weir makes itself: errors, redirects, fixed answers.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weir::net {

struct field_changes; // net/route/policy.hpp

/// All views outlive the call only.
struct own_response {
  std::uint16_t status = 200;         // final: not 1xx
  std::string_view content_type = {}; // empty: no Content-Type
  std::string_view body = {};
  bool head_only = false; // the request was HEAD: Content-Length speaks of a body that is not sent
  std::uint8_t client_minor_version = 1;
  bool omit_length = false; // it is not known: the answer to HEAD has none then
  bool keep_alive = true;
  std::string_view date = {};                           // IMF-fixdate
  std::string_view location = {};                       // redirects
  std::string_view allow = {};                          // 405
  std::optional<std::chrono::seconds> retry_after = {}; // 429, 503
  std::string_view hsts_line = {};                      // with CRLF
  std::string_view extra_lines = {};                    // more "Name: value\r\n"
  std::string_view added_lines = {};                    // exchange::answer_lines
  const field_changes* changes = nullptr;
};

/// Writes head and body. Returns the size; when that is more than `out.size()`, what was written is
/// of no use. A 204 or 304 is written without body and length. Errors are marked `Cache-Control:
/// no-store`: what is wrong here is not the resource's answer.
std::size_t write_own_response(std::span<char> out, const own_response& response);

} // namespace weir::net
