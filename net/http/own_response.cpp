// The whole of a response that Weir makes itself: errors, redirects, fixed answers.
#include "net/http/own_response.hpp"

#include "net/http/span_writer.hpp"
#include "net/http/status.hpp"
#include "net/route/policy.hpp"

namespace weir::net {

namespace {

/// Writes a field unless it has no value or the operator has taken it over.
void put_field(span_writer& out, const own_response& response, std::string_view name,
               std::string_view value) {
  if (value.empty() || (response.changes && response.changes->drops(name))) return;
  out.put(name, ": ", value, "\r\n");
}

void put_connection(span_writer& out, const own_response& response) {
  if (!response.keep_alive)
    out.put("Connection: close\r\n");
  else if (response.client_minor_version == 0)
    out.put("Connection: keep-alive\r\n");
}

} // namespace

std::size_t write_own_response(std::span<char> out, const own_response& response) {
  const bool bodiless = response.status == 204 || response.status == 304;
  span_writer writer{out};
  writer.put("HTTP/1.1 ", std::uint64_t{response.status}, " ", reason_phrase(response.status),
             "\r\n");
  put_field(writer, response, "Server", "weir");
  put_field(writer, response, "Date", response.date);
  if (!bodiless) {
    put_field(writer, response, "Content-Type", response.content_type);
    if (!response.omit_length)
      writer.put("Content-Length: ", std::uint64_t{response.body.size()}, "\r\n");
  }
  put_field(writer, response, "Location", response.location);
  if (response.status == 405) writer.put("Allow: ", response.allow, "\r\n"); // may be empty
  if (response.retry_after)
    writer.put("Retry-After: ", static_cast<std::uint64_t>(response.retry_after->count()), "\r\n");
  if (response.status >= 400) put_field(writer, response, "Cache-Control", "no-store");
  put_connection(writer, response);
  writer.put(response.hsts_line);
  if (response.changes) {
    for (const auto& preset : response.changes->presets)
      writer.put(preset.line);
    writer.put(response.changes->lines);
  }
  writer.put(response.added_lines, response.extra_lines, "\r\n");
  if (!bodiless && !response.head_only) writer.put(response.body);
  return writer.size();
}

} // namespace weir::net
