// Why an exchange ended the way it did: reaches the access log, metrics and `explain`.
#pragma once

#include <cstdint>
#include <string_view>

namespace weir::net {

/// Append only. What the router refused has its own reason (routing_reason) beside `refused`.
enum class end_reason : std::uint8_t {
  completed,
  refused,            // by the router: see routing_reason
  malformed_request,  // 400, 414, 417, 431, 501, 505
  bad_path,           // 400: the path is ambiguous
  body_too_large,     // 413
  malformed_body,     // 400: the request's framing broke in its body
  header_timeout,     // 408
  body_timeout,       // 408
  request_timeout,    // 504: no response header within `request`
  write_timeout,      // the client did not take its answer
  client_gone,        // the client's connection ended first
  no_server,          // 503: every server is down
  queue_full,         // 503
  queue_timeout,      // 504
  connect_failed,     // 502
  upstream_reset,     // 502: the origin's connection ended before its answer
  upstream_timeout,   // 504
  upstream_malformed, // 502: the answer was not HTTP
  upstream_truncated, // the answer's body ended early; the client's connection was closed to say so
  not_supported,      // 501: CONNECT and what else a gateway does not do
  file_error,         // 500: a static file could not be read
  shutting_down,      // 503: the node's deadline came
  transform_failed, // the answer could not be encoded further; the connection was closed to say so
  rate_limited,     // 429, or what the limit says: too many requests in a time
  too_many_under_way, // the same: too many requests at once
  banned,             // 403: the client's address is banned
  not_cached,         // 504: the client wants it from the cache only
  circuit_open,       // 503: the upstream has `max_requests` already
  upgraded,           // 101: it goes on as a tunnel, which has an end of its own
  overloaded,         // 503: see overload_reason
};
inline constexpr std::size_t end_reason_count = 30;

/// A stable snake_case name.
std::string_view name_of(end_reason reason);

} // namespace weir::net
