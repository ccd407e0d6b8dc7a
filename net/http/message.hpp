// The head of an HTTP/1.1 message as views into the bytes it arrived in (RFC 9110, RFC 9112).
#pragma once

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace weir::net {

enum class http_method : std::uint8_t {
  get,
  head,
  post,
  put,
  delete_,
  connect,
  options,
  trace,
  patch,
  other
};

/// RFC 9110 9.2.2: repeating it has the same effect as doing it once.
bool is_idempotent(http_method method);
/// RFC 9110 9.2.1: read-only.
bool is_safe(http_method method);
/// Case-sensitive, as methods are.
http_method identify_method(std::string_view name);

/// Fields the proxy itself acts upon. Recognised once, while parsing.
enum class field_id : std::uint8_t {
  other,
  accept_encoding,
  accept_ranges,
  authorization,
  cache_control,
  connection,
  content_encoding,
  content_length,
  content_range,
  content_type,
  cookie,
  date,
  etag,
  expect,
  forwarded,
  host,
  if_match,
  if_modified_since,
  if_none_match,
  if_range,
  if_unmodified_since,
  keep_alive,
  last_modified,
  location,
  max_forwards,
  proxy_authenticate,
  proxy_authorization,
  proxy_connection,
  range,
  server,
  set_cookie,
  strict_transport_security,
  te,
  trailer,
  transfer_encoding,
  upgrade,
  vary,
  via,
  x_forwarded_for,
  x_forwarded_host,
  x_forwarded_port,
  x_forwarded_proto,
  x_request_id,
};

struct field {
  std::string_view name;  // as it was sent
  std::string_view value; // without surrounding white space
  field_id id = field_id::other;
};

using field_list = boost::container::small_vector<field, 24>;

/// How the end of a message body is found (RFC 9112 6.3).
enum class body_framing : std::uint8_t { none, length, chunked, until_close };

/// What requests and responses share. Every view points into the buffer the head was parsed from.
struct message_head {
  std::uint8_t minor_version = 1; // HTTP/1.0 or HTTP/1.1
  bool keep_alive = true;         // by version and Connection
  body_framing framing = body_framing::none;
  std::uint64_t content_length =
      0; // meaningful with framing length; for responses to HEAD what the field said
  /// Connection names more than close, keep-alive and upgrade: fields to take out before
  /// forwarding.
  bool connection_names_fields = false;
  field_list fields;
  /// The field lines as they arrived, CRLFs included; empty for a head that was built by hand.
  std::string_view field_section;

  /// The first field with this id or name (any case), or null.
  const field* find(field_id id) const;
  const field* find(std::string_view name) const;
  /// The field with this id or name (any case) if there is one of it; null: none, or several.
  const field* find_only(field_id id) const;
  const field* find_only(std::string_view name) const;
  /// Whether the field came in with the head, and was not added later.
  bool has_received(const field& f) const {
    const std::less<const char*> before;
    return !before(f.name.data(), field_section.data()) &&
           before(f.name.data(), field_section.data() + field_section.size());
  }
  /// Takes all of that name out: from here on the message never had them. Any case, and "_" is "-":
  /// CGI and WSGI make one variable of both (RFC 3875 4.1.18), so either could speak for the other.
  void remove(std::string_view name);
};

struct request_head : message_head {
  http_method method = http_method::get;
  std::string_view method_name;
  std::string_view target; // as sent
  std::string_view
      authority; // host[:port] of an absolute-form or authority-form target, else of Host
  std::string_view
      path; // raw path of origin- or absolute-form, from '/' up to '?'; "*" for OPTIONS *
  std::string_view query; // after '?', without it
  bool has_query = false; // "/a?" has an empty one
  bool absolute_form = false;
  bool expect_continue = false;
  bool upgrade = false; // Connection lists upgrade and an Upgrade field is there
};

struct response_head : message_head {
  std::uint16_t status = 0;
  std::string_view reason;
};

} // namespace weir::net
