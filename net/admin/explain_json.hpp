// An explanation as JSON (docs/explain.md).
#pragma once

#include "net/admin/status_json.hpp"
#include "net/explain/explanation.hpp"

namespace weir::net {

json_value to_json(const explanation& why);

} // namespace weir::net
