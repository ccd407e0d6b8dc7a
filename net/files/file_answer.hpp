// From a file and a request to status, fields and bytes (RFC 9110 13, 14).
#pragma once

#include "net/files/static_files.hpp"

namespace weir::net {

/// Preconditions, then coding, then ranges (RFC 9110 13.2.2). Sets `out.reason` and, for what has a
/// file or part of it for an answer, `out.status`; appends to `out.fields`.
void answer_with(const config::files_settings& settings, const file_lookup& found,
                 const file_request& request, file_plan& out);

/// Appends "name: value\r\n".
void put_line(std::string& fields, std::string_view name, std::string_view value);

} // namespace weir::net
