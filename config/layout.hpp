// One layout for every file: `weir fmt`.
#pragma once

#include "config/diagnostic.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace weir::config {

/// The text with two blanks for each level, lists indented under their key, no blanks at the ends
/// of lines, at most one empty line in a row, and one newline at the end. Comments, order, quotes,
/// lists in brackets and alignment within a line stay as they are. Nothing, and why in `found`: it
/// is not YAML. A text whose layout cannot be changed without changing what it says comes back as
/// it was. Pure.
std::optional<std::string> lay_out(std::string_view text, diagnostics& found);

} // namespace weir::config
