// Content-Type by file name extension.
#pragma once

#include <string_view>

namespace weir::net {

/// The type of a file by its name's last extension, any case; text types say charset=utf-8.
/// "application/octet-stream" when unknown.
std::string_view mime_type_of(std::string_view file_name);

} // namespace weir::net
