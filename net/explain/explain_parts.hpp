// The parts of an explanation, each filled in by the stage's own decision. Private to net/explain.
#pragma once

#include "net/explain/explain.hpp"

namespace weir::net {

/// Site and routes, for an exchange that was routed.
void explain_routes(const exchange& x, explanation& out);

/// Asks the cache of an exchange that is on its way to a pool. False: it goes no further, since the
/// store answers (`out.verdict` says so) or `x` has failed.
bool explain_cache(exchange& x, const explain_sources& from, explanation& out);

/// `x` failed on its way to the origin: a stale response may stand in (RFC 5861 4).
void explain_rescue(exchange& x, const explain_sources& from, explanation& out);

/// Who would serve an exchange that goes to its pool; fails `x` if nobody would.
void explain_upstream(exchange& x, const explain_sources& from, explained_target& out);

/// What answers an exchange that needs no pool; sets `x.status`.
void explain_answer(exchange& x, const explain_sources& from, explained_target& out);

/// Fields that Weir changes on the way there and back.
void explain_fields(const exchange& x, explanation& out);

} // namespace weir::net
