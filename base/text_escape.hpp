// Makes any bytes safe inside one line of JSON or logfmt: nothing a client sends can break a line
// or a terminal.
#pragma once

#include <string>
#include <string_view>

namespace weir {

/// Appends `value` as a quoted JSON string (RFC 8259). Control bytes become \u00XX; bytes that are
/// not part of valid UTF-8 become \u00XX too (read as Latin-1), so the result is always valid JSON
/// and nothing is lost.
void append_json_string(std::string& out, std::string_view value);

/// Appends `value` for a line of text whose parts may stand in quotes: control bytes, `"`, `\` and
/// what is not ASCII become \xHH, as in the logs of nginx.
void append_log_text(std::string& out, std::string_view value);

/// Appends `value` bare when it is plain printable ASCII without spaces, quotes or '=', else as a
/// JSON string.
void append_logfmt_value(std::string& out, std::string_view value);

} // namespace weir
