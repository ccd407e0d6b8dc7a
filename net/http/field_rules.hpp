// Which fields stop at this hop and which nobody may change (RFC 9110 7.6.1).
#pragma once

#include "net/http/known_fields.hpp"
#include "net/http/message.hpp"

#include <string_view>

namespace weir::net {

/// Meant for the next hop only, whether Connection lists them or not. The proxy writes its own
/// where it needs them.
inline constexpr field_set hop_by_hop_fields{field_id::connection,
                                             field_id::keep_alive,
                                             field_id::proxy_connection,
                                             field_id::proxy_authenticate,
                                             field_id::te,
                                             field_id::proxy_authorization,
                                             field_id::trailer,
                                             field_id::upgrade,
                                             field_id::transfer_encoding};

/// True when this message's Connection names `f` and that may take it out. A sender cannot use
/// Connection to strip what the exchange depends on (Host, Content-Length, Cache-Control,
/// Authorization, X-Forwarded-* ...). Linear in the Connection lines: ask only when
/// head.connection_names_fields.
bool named_by_connection(const message_head& head, const field& f);

/// The client wants trailers and says so properly: TE lists trailers (RFC 9110 10.1.4).
bool accepts_trailers(const request_head& head);

/// What a configuration may set or remove: any field but those that frame the message, end at this
/// hop, or are Host (which has its own setting on the upstream).
bool is_editable_field(std::string_view name);

} // namespace weir::net
