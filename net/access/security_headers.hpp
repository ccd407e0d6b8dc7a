// Response fields that make browsers careful, as two presets.
#pragma once

#include "config/access_settings.hpp"
#include "net/route/policy.hpp"

#include <vector>

namespace weir::net {

/// The fields of a preset, for answers that have none of that name. Strict-Transport-Security is
/// not among them: `hsts` is.
std::vector<preset_field> security_presets(config::security_preset which);

} // namespace weir::net
