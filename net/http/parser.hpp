// Strict, zero-copy parsing of HTTP/1.x heads (RFC 9112): what is ambiguous is refused, never
// repaired.
#pragma once

#include "net/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::net {

/// Why a head was refused. Reaches the access log, the metric weir_filter_denied_total and
/// `status_of()`.
enum class parse_error : std::uint8_t {
  none,
  bad_request_line,
  bad_method,
  bad_target,
  bad_version,         // not HTTP/x.y at all
  unsupported_version, // HTTP/2.0, HTTP/0.9: 505
  bad_status_line,
  bare_lf,
  bare_cr,
  obs_fold,
  bad_field_name,  // also: space before the colon, empty name
  bad_field_value, // NUL or another control byte
  missing_host,
  duplicate_host,
  bad_host,
  bad_content_length,
  conflicting_length,    // several Content-Length, or one beside Transfer-Encoding
  bad_transfer_encoding, // unknown coding: 501; chunked not last, twice, or in HTTP/1.0: 400
  unsupported_coding,
  target_too_long, // 414
  head_too_large,  // 431
  too_many_fields, // 431
  bad_expectation, // an Expect other than 100-continue: 417
};

/// The status a client gets for it.
std::uint16_t status_of(parse_error error);
/// A stable snake_case name for logs and metrics.
std::string_view name_of(parse_error error);

struct head_limits {
  std::size_t bytes = 32 * 1024; // the whole head, request line included
  std::size_t target = 8 * 1024;
  std::size_t fields = 100;
};

enum class parse_status : std::uint8_t { complete, incomplete, failed };

struct parse_result {
  parse_status status = parse_status::incomplete;
  parse_error error = parse_error::none;
  std::size_t head_bytes = 0; // when complete: where the body (or the next message) begins
};

/// Parses one request head from the start of `in`. Leading empty lines are skipped (RFC 9112 2.2;
/// their bytes count in head_bytes). `scanned` remembers how far an incomplete head was searched
/// for its end, so that slow clients cost linear time: start with 0, pass it back with the longer
/// buffer. The head's views point into `in`.
parse_result parse_request(std::string_view in, const head_limits& limits, std::size_t& scanned,
                           request_head& head);

/// Parses one response head. `request_method` decides whether a body follows (HEAD, CONNECT; 1xx,
/// 204, 304: RFC 9112 6.3).
parse_result parse_response(std::string_view in, const head_limits& limits, std::size_t& scanned,
                            http_method request_method, response_head& head);

} // namespace weir::net
