// Which fields stop at this hop and which nobody may change (RFC 9110 7.6.1).
#include "net/http/field_rules.hpp"

#include "base/text.hpp"
#include "net/http/char_class.hpp"

#include <algorithm>

namespace weir::net {

namespace {

/// Fields that the exchange depends on end to end; a Connection that names one is an attempt to
/// make the next hop see another request (RFC 9110 7.6.1: "MUST NOT send a connection option
/// corresponding to a field that is intended for all recipients").
constexpr field_set not_strippable{field_id::authorization,
                                   field_id::cache_control,
                                   field_id::content_encoding,
                                   field_id::content_length,
                                   field_id::content_range,
                                   field_id::content_type,
                                   field_id::cookie,
                                   field_id::date,
                                   field_id::etag,
                                   field_id::expect,
                                   field_id::forwarded,
                                   field_id::host,
                                   field_id::if_match,
                                   field_id::if_modified_since,
                                   field_id::if_none_match,
                                   field_id::if_range,
                                   field_id::if_unmodified_since,
                                   field_id::last_modified,
                                   field_id::location,
                                   field_id::max_forwards,
                                   field_id::range,
                                   field_id::set_cookie,
                                   field_id::vary,
                                   field_id::via,
                                   field_id::x_forwarded_for,
                                   field_id::x_forwarded_host,
                                   field_id::x_forwarded_port,
                                   field_id::x_forwarded_proto,
                                   field_id::x_request_id,
                                   field_id::strict_transport_security};

constexpr field_set not_editable =
    hop_by_hop_fields | field_set{field_id::content_length, field_id::host};

} // namespace

bool named_by_connection(const message_head& head, const field& f) {
  if (not_strippable.has(f.id)) return false;
  return std::any_of(head.fields.begin(), head.fields.end(), [&](const field& line) {
    return line.id == field_id::connection &&
           !each_member(line.value, [&](std::string_view name) { return !iequals(name, f.name); });
  });
}

bool accepts_trailers(const request_head& head) {
  return std::any_of(head.fields.begin(), head.fields.end(), [](const field& line) {
    return line.id == field_id::te && !each_member(line.value, [](std::string_view coding) {
             return !iequals(coding, "trailers");
           });
  });
}

bool is_editable_field(std::string_view name) {
  return is_token(name) && !not_editable.has(identify_field(name));
}

} // namespace weir::net
