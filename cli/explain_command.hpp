// The verb that says why a request would go where it would go.
#pragma once

#include "cli/command.hpp"
#include "net/explain/explain_request.hpp"

namespace weir::cli {

/// Nothing is sent to an origin and nothing is counted. What no client could send is a usage error.
int explain(const command_context& context, const net::explain_wish& wish);

} // namespace weir::cli
