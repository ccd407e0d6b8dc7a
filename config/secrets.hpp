// References in scalars, `${env:NAME}` and `${file:path}`, and their replacement.
#pragma once

#include "config/surroundings.hpp"
#include "config/yaml_node.hpp"

namespace weir::config {

inline constexpr std::size_t max_secret_bytes = 64 * 1024;

/// Replaces every reference in every scalar below `node`. What was written stays in `written`, and
/// that is all a message ever shows. `$${env:` stands for a literal `${env:`. A reference that
/// cannot be followed is an error, and its node is broken.
void expand_references(yaml_node& node, const surroundings& around, diagnostics& found);

} // namespace weir::config
