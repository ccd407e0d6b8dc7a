// The file's grammar for editors: a JSON Schema from the parser's own tables.
#pragma once

#include <string>

namespace weir::config {

/// JSON Schema, draft 2020-12, with a newline at its end. It knows keys, shapes and words; what a
/// scalar may say beyond that is for the parser, so a file that it accepts may still have errors.
std::string json_schema();

} // namespace weir::config
