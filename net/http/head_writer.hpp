// Writes the head of a request or response for the next hop straight from the one that came in (RFC
// 9110 7.6, RFC 9112).
#pragma once

#include "net/http/coded_head.hpp"
#include "net/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace weir::net {

struct field_changes; // net/route/policy.hpp

/// How a request goes on to the origin. All views outlive the call only.
struct forward_request {
  std::string_view target = {};          // rewritten path and query, encoded; empty: as they came
  std::string_view host = {};            // Host to send; empty: the request's authority
  std::string_view via = "weir";         // our name in Via; empty: none
  std::string_view forwarded_lines = {}; // from forwarding::lines()
  std::string_view extra_lines = {};     // more "Name: value\r\n"
  /// Lines instead of the client's own preconditions and Range (RFC 9110 13, 14); empty: those go.
  std::string_view conditions = {};
  const field_changes* changes = nullptr;
  bool keep_alive = true;       // false: Connection: close
  bool expect_continue = false; // pass Expect: 100-continue on
  bool authorization = true;    // false: it was for us and goes no further
  bool upgrade = false;         // pass Connection: upgrade and Upgrade on
};

/// How a response goes on to the client.
struct forward_response {
  body_framing framing = body_framing::none; // from response_framing()
  std::uint8_t client_minor_version = 1;
  bool keep_alive = true;        // to the client
  bool upgrade = false;          // a 101 that is passed on
  std::string_view date = {};    // IMF-fixdate for responses that lack one; empty: none
  std::string_view via = "weir"; // our name in Via; empty: none
  /// Strict-Transport-Security with CRLF; replaces the origin's; empty: none.
  std::string_view hsts_line = {};
  std::string_view extra_lines = {}; // more "Name: value\r\n"
  std::string_view added_lines = {}; // exchange::answer_lines
  std::string_view more_lines = {};  // and more
  const field_changes* changes = nullptr;
  coded_fields coded = {}; // a content coding of ours
};

/// How the client is told where the body ends: what has no length is chunked for HTTP/1.1 and
/// until_close for HTTP/1.0.
body_framing response_framing(const response_head& head, std::uint8_t client_minor_version);

/// Writes the whole head, up to and with its empty line, in one pass. Returns its size; when that
/// is more than `out.size()`, what was written is of no use and the call is to be repeated with
/// that much room. Framing (Content-Length, Transfer-Encoding) is as the request came; origins are
/// spoken to in HTTP/1.1.
std::size_t write_request_head(std::span<char> out, const request_head& head,
                               const forward_request& how);
std::size_t write_response_head(std::span<char> out, const response_head& head,
                                const forward_response& how);

} // namespace weir::net
