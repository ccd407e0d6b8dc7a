// How files are sent that strangers have put there (docs/static-files.md).
#pragma once

#include <string_view>

namespace weir::net {

/// The fields that such a file is sent with, each line with CRLF: its type is not guessed at, it
/// runs nothing and loads nothing if it is shown as a page, and what could act as one, which is
/// everything but plain text, bitmaps, sound and film, is saved instead of shown.
std::string_view untrusted_fields(std::string_view content_type);

} // namespace weir::net
