// Fresh, stale but allowed, or to be validated.
#include "net/cache/reuse.hpp"

#include "base/text.hpp"
#include "net/http/char_class.hpp"

#include <algorithm>

namespace weir::net {

namespace {

using std::chrono::milliseconds;

/// RFC 9111 4.2.4: prohibited by the response, whatever anybody allows.
bool forbids_stale(const stored_response& r) {
  return r.no_cache || r.must_revalidate;
}

/// What the response allows itself holds beside s-maxage; what the operator or the client allows
/// does not (5.2.2.10).
delta_seconds allowance(const stored_response& r, const std::optional<delta_seconds>& own,
                        delta_seconds configured) {
  if (forbids_stale(r)) return delta_seconds{0};
  if (own) return *own;
  return r.shared_lifetime ? delta_seconds{0} : configured;
}

} // namespace

bool has_pragma_no_cache(const request_head& request) {
  bool found = false;
  for (const auto& f : request.fields) {
    if (f.id == field_id::cache_control) return false;
    if (!iequals(f.name, "pragma")) continue;
    found |=
        !each_member(f.value, [](std::string_view member) { return !iequals(member, "no-cache"); });
  }
  return found;
}

reuse_decision judge_reuse(const stored_response& r, const cache_directives& request,
                           bool pragma_no_cache, const cache_policy& policy, cache_time now) {
  const auto age = age_of(r, now);
  const auto left = milliseconds(r.lifetime) - age;
  reuse_decision out;
  out.age = std::chrono::floor<delta_seconds>(age);
  out.ttl = std::chrono::floor<delta_seconds>(left).count();
  const auto validate = [&](validate_reason why) {
    out.why = why;
    return out;
  };
  if (r.no_cache) return validate(validate_reason::no_cache);
  if (request.no_cache || !request.no_cache_fields.empty() || pragma_no_cache)
    return validate(validate_reason::request);
  if (request.max_age && age > *request.max_age) return validate(validate_reason::request);
  if (request.min_fresh && left < *request.min_fresh) return validate(validate_reason::request);
  if (left > milliseconds{0}) {
    out.kind = reuse_kind::fresh;
    return out;
  }
  const auto staleness = -left;
  const bool client_allows =
      request.any_staleness || (request.max_stale && staleness <= *request.max_stale);
  if (client_allows && !forbids_stale(r) && !r.shared_lifetime) {
    out.kind = reuse_kind::stale_allowed;
    out.why = validate_reason::stale;
    return out;
  }
  const auto refreshing = allowance(r, r.stale_while_revalidate, policy.stale);
  if (refreshing > delta_seconds{0} && staleness <= refreshing && !request.max_age)
    out.kind = reuse_kind::stale_refreshing;
  return validate(validate_reason::stale);
}

bool may_serve_on_error(const stored_response& r, const cache_directives& request,
                        const cache_policy& policy, cache_time now) {
  const auto staleness = age_of(r, now) - milliseconds(r.lifetime);
  auto allowed = allowance(r, r.stale_if_error, policy.stale_on_error);
  if (request.stale_if_error && !forbids_stale(r) && !r.shared_lifetime)
    allowed = std::max(allowed, *request.stale_if_error);
  if (staleness < milliseconds{0}) return !forbids_stale(r) && !request.no_cache;
  return allowed > delta_seconds{0} && staleness <= allowed;
}

} // namespace weir::net
