// The rules about who may and how, read off a decision.
#pragma once

#include "net/explain/explanation.hpp"
#include "net/proxy/exchange.hpp"

#include <vector>

namespace weir::net {

/// The rules that there are for a decided exchange, in the order they are asked, and the one that
/// decided it, if one of them did.
std::vector<explained_check> checks_of(const exchange& x);

} // namespace weir::net
