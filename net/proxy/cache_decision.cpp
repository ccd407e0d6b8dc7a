// Bypasses, variants, freshness.
#include "net/proxy/cache_decision.hpp"

#include "base/hash.hpp"
#include "net/cache/cache_key.hpp"
#include "net/proxy/runtime_config.hpp"

#include <array>

namespace weir::net {

namespace {

bool reads(const exchange& x) {
  return x.request.method == http_method::get || x.request.method == http_method::head;
}

bool has_condition(const request_head& head) {
  return head.find(field_id::if_none_match) || head.find(field_id::if_modified_since) ||
         head.find(field_id::range);
}

bool is_for_origin(const request_head& head) {
  return head.find(field_id::if_match) || head.find(field_id::if_unmodified_since);
}

bool has_body(const request_head& head) {
  return head.framing != body_framing::none &&
         !(head.framing == body_framing::length && head.content_length == 0);
}

/// Routes by other things than the URL must not answer for each other.
std::uint64_t owner_of(const exchange& x) {
  const auto& upstream = x.config->upstreams[x.route.upstream]->settings.name;
  const auto path = x.route.route == nullptr ? std::string_view{} : x.route.route->path;
  return mix64(fnv1a64(upstream)) ^ fnv1a64(path);
}

bypass_reason reason_to_bypass(const exchange& x) {
  const auto& part = *x.cache;
  if (part.asked.no_store) return bypass_reason::no_store;
  if (is_for_origin(x.request)) return bypass_reason::precondition;
  if (has_body(x.request)) return bypass_reason::body;
  if (x.request.upgrade) return bypass_reason::upgrade;
  if (part.key.size() > cache_key_bytes_max) return bypass_reason::long_key;
  if (part.policy->bypasses(x.request)) return bypass_reason::cookie;
  return bypass_reason::none;
}

cache_verdict bypassed(bypass_reason reason) {
  return {.step = cache_step::bypass, .why = forward_reason::bypass, .bypass = reason};
}

cache_verdict answered(cache_outcome how, const reuse_decision& reuse, bool refresh = false) {
  return {.step = cache_step::answer, .outcome = how, .reuse = reuse, .refresh = refresh};
}

cache_verdict to_origin(forward_reason why) {
  return {.step = cache_step::ask_origin, .why = why};
}

/// About what is left of `part.object`.
cache_verdict decide(exchange& x, cache_time now) {
  auto& part = *x.cache;
  if (!part.object)
    return to_origin(part.is_variant ? forward_reason::vary_miss : forward_reason::uri_miss);
  const bool personal = x.identified || x.request.find(field_id::authorization) ||
                        (!part.policy->any_cookie && x.request.find(field_id::cookie));
  if (part.meta.assumed_lifetime && personal) {
    part.object.reset();
    return bypassed(bypass_reason::personal);
  }
  auto reuse = judge_reuse(part.meta, part.asked, part.pragma_no_cache, *part.policy, now);
  // It was fetched while this request waited: that is the origin's word it asked for.
  const bool just_fetched = part.waited && part.meta.response_time >= part.begun &&
                            reuse.why == validate_reason::request && reuse.ttl > 0;
  if (just_fetched) reuse.kind = reuse_kind::fresh;
  switch (reuse.kind) {
  case reuse_kind::fresh:
    return answered(part.waited ? cache_outcome::coalesced : cache_outcome::hit, reuse);
  case reuse_kind::stale_allowed:
    part.status.detail = "max-stale";
    return answered(cache_outcome::stale, reuse);
  case reuse_kind::stale_refreshing:
    part.status.detail = "stale-while-revalidate";
    return answered(cache_outcome::stale, reuse, true);
  case reuse_kind::validate:
    break;
  }
  return to_origin(reuse.why == validate_reason::request ? forward_reason::request
                                                         : forward_reason::stale);
}

} // namespace

std::string_view name_of(bypass_reason reason) {
  static constexpr std::array<std::string_view, bypass_reason_count> names{
      "",        "method",   "no_store", "precondition", "body",
      "upgrade", "long_key", "cookie",   "personal"};
  return names[static_cast<std::size_t>(reason)];
}

bool concerns_cache(const exchange& x) {
  const auto* policy = x.route.policy->cache.get();
  return policy != nullptr && x.request.path != "*" && (policy->enabled || !reads(x));
}

cache_verdict begin_lookup(exchange& x, cache_time now) {
  auto& part = *x.cache;
  if (!reads(x)) {
    if (part.policy->enabled) part.outcome = cache_outcome::bypass;
    part.status.forwarded = forward_reason::method;
    return {.step = cache_step::pass, .bypass = bypass_reason::method};
  }
  part.outcome = cache_outcome::miss;
  part.begun = now;
  part.asked = read_cache_control(x.request);
  part.pragma_no_cache = has_pragma_no_cache(x.request);
  append_url_key(part.key, x.request, x.secure, *part.policy);
  part.url_bytes = part.key.size();
  part.owner = owner_of(x);
  const auto reason = reason_to_bypass(x);
  return reason == bypass_reason::none ? cache_verdict{.step = cache_step::look} : bypassed(reason);
}

cache_verdict judge_found(exchange& x, stored_object_ptr object, cache_time now) {
  auto& part = *x.cache;
  const bool usable = object && part.take(std::move(object));
  // A coded one cannot be: its key is no URL's.
  if (!usable || part.meta.kind == stored_kind::coded) {
    part.object.reset();
    return decide(x, now);
  }
  if (part.meta.kind == stored_kind::variants) {
    if (part.is_variant) { // cannot be: a variant's key is a URL's for nobody
      part.object.reset();
      return decide(x, now);
    }
    part.is_variant = true;
    part.series = part.meta.response_time.time_since_epoch().count();
    part.append_variant(part.key, x, part.meta.selecting);
    if (part.key.size() > cache_key_bytes_max) return bypassed(bypass_reason::long_key);
    return {.step = cache_step::look};
  }
  const bool ours = part.meta.owner == part.owner && part.meta.varies == part.is_variant &&
                    (part.is_variant || !has_own_variants(*part.policy));
  if (!ours) part.object.reset();
  return decide(x, now);
}

bool refuse_uncached(exchange& x) {
  if (!x.cache->asked.only_if_cached) return false;
  x.fail(504, end_reason::not_cached);
  return true;
}

bool prepare_fetch(exchange& x) {
  auto& part = *x.cache;
  const bool get = x.request.method == http_method::get;
  if (part.object && get) part.validate_stored();
  // A part or a confirmation is nothing that others could be answered with.
  return get && (!part.condition_lines().empty() || !has_condition(x.request));
}

} // namespace weir::net
