// What the access log tells about one exchange, and how it looks as a line of JSON.
#pragma once

#include "base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir {

/// One finished exchange. The text is only viewed: pushing it into an `access_log::channel` copies
/// what it needs. Times that did not come to pass stay negative and are left out of the line, as is
/// empty text.
struct access_record {
  static constexpr duration never{-1};

  wall_time started{};
  duration total{};               // from the request's first byte to the response's last
  duration header = never;        // until the request's header was there
  duration auth = never;          // until forward_auth's server had answered
  duration queued = never;        // waiting for an upstream connection or worker
  duration connect = never;       // connecting to the upstream, TLS included
  duration first_byte = never;    // from the request sent to the response's header
  std::uint64_t bytes_in = 0;     // request, head and body, as received
  std::uint64_t bytes_out = 0;    // response, head and body, as sent
  std::uint16_t status = 0;       // 0: the client was gone before there was one
  std::uint8_t attempts = 0;      // tries of upstream servers
  bool connection_reused = false; // the upstream connection was an idle one

  std::string_view client;         // address without port, after the trusted-proxy rule
  std::string_view method;         // as sent
  std::string_view host;           // as sent
  std::string_view target;         // as sent
  std::string_view protocol;       // "HTTP/1.1"
  std::string_view tls;            // "TLSv1.3"; empty: a plain connection
  std::string_view site;           // the site's name in the configuration
  std::string_view route;          // the route's
  std::string_view limit;          // which refused it, or would have but for its dry run
  std::string_view upstream;       // the upstream's name
  std::string_view server;         // the address of the server that answered
  std::string_view cache;          // what the cache did: "hit"; empty: the route has none
  std::string_view hedge;          // "sent": a second server was asked; "won": and answered first
  std::string_view reason;         // why the exchange ended as it did: the name of the enum value
  std::string_view request_id;     // X-Request-Id, as the origin got it
  std::string_view trace_id;       // of W3C Trace Context
  std::string_view user;           // who was let in by a password
  std::string_view client_verify;  // what became of the client's certificate; empty: not asked for
  std::string_view client_subject; // whose it is
  std::string_view user_agent;     //
  std::string_view referer;        //
};

/// A text of a record.
using access_text = std::string_view access_record::*;
struct access_text_name {
  std::string_view name; // its key in the line
  access_text member;
};
/// All texts, in the order of the line.
std::span<const access_text_name> access_texts();

/// Appends `2026-11-22T08:02:33.123Z`.
void append_access_time(std::string& out, wall_time when);

/// Longer text is cut, and the line says so with "clipped": a log line has a limit whatever a
/// client sends.
inline constexpr std::size_t access_text_max = 2048;

/// Appends the record as one JSON object and a newline. Any byte in any text gives valid JSON.
/// `node` is the writing node's name; empty: left out.
void append_access_json(std::string& out, const access_record& record, bool clipped = false,
                        std::string_view node = {});

/// The record in a form that can be moved through a `log_ring`: numbers and text, each text clipped
/// to the limit.
std::size_t packed_size(const access_record& record);
/// REQUIRES: `into` has `packed_size(record)` bytes.
void pack(const access_record& record, std::span<std::byte> into);
/// The record that `pack` wrote; its text points into `from`.
access_record unpack(std::span<const std::byte> from, bool& clipped);

} // namespace weir
