// From the fields of a head to where its body ends and whether the connection lives on (RFC 9112 6,
// 7, 9.3).
#pragma once

#include "net/http/known_fields.hpp"
#include "net/http/message.hpp"
#include "net/http/parser.hpp"

namespace weir::net {

/// Fills in keep_alive, connection_names_fields, framing (none, length or chunked) and
/// content_length from the fields. Fails on all that two implementations could read in two ways;
/// `seen` is what lex_fields reported.
parse_error read_framing(message_head& head, field_set seen);

} // namespace weir::net
