// The conditions of RFC 9111 3 in their order, and the caution about cookies.
#include "net/cache/storability.hpp"

#include "base/text.hpp"
#include "net/http/char_class.hpp"
#include "net/http/conditional.hpp"
#include "net/http/field_rules.hpp"

#include <algorithm>
#include <array>

namespace weir::net {

namespace {

/// The statuses whose caching requirements we know (RFC 9110 15); 304 is no response of its own.
bool is_understood(std::uint16_t status) {
  return is_heuristically_cacheable(status) || status == 201 || status == 202 || status == 302 ||
         status == 303 || status == 307 || (status >= 400 && status <= 417) || status == 421 ||
         status == 422 || status == 426 || (status >= 500 && status <= 505);
}

bool names(const qualified_fields& lists, std::string_view name) {
  return std::any_of(lists.begin(), lists.end(), [&](std::string_view list) {
    return !each_member(list, [&](std::string_view each) { return !iequals(each, name); });
  });
}

bool varies_by_all(const response_head& head) {
  return std::any_of(head.fields.begin(), head.fields.end(), [](const field& f) {
    return f.id == field_id::vary &&
           !each_member(f.value, [](std::string_view name) { return name != "*"; });
  });
}

/// The response says itself that it is for every client.
bool is_for_all(const cache_directives& d) {
  return d.is_public || d.s_maxage.has_value();
}

bool cookies_allow(const response_facts& response, const cache_policy& policy) {
  const auto& d = response.directives;
  if (!response.head.find(field_id::set_cookie) || policy.set_cookie || is_for_all(d)) return true;
  return names(d.no_cache_fields, "set-cookie") || names(d.private_fields, "set-cookie");
}

/// RFC 9111 3.5.
bool authorization_allows(const cache_directives& d) {
  return d.must_revalidate || is_for_all(d);
}

} // namespace

std::string_view name_of(storability reason) {
  static constexpr std::array<std::string_view, storability_count> texts{
      "storable", "method",       "status",        "partial",    "request_no_store",
      "no_store", "private",      "authorization", "set_cookie", "cookie",
      "vary_any", "no_freshness", "too_large",     "busy"};
  return texts[static_cast<std::size_t>(reason)];
}

bool has_validator(const response_head& head) {
  const auto* etag = head.find(field_id::etag);
  return (etag != nullptr && is_entity_tag(etag->value)) || head.find(field_id::last_modified);
}

storability may_store(const request_facts& request, const response_facts& response,
                      const freshness& fresh, const cache_policy& policy) {
  const auto& d = response.directives;
  const auto status = response.head.status;
  if (request.head.method != http_method::get) return storability::method;
  if (status == 206) return storability::partial;
  if (status < 200 || status == 304) return storability::status;
  if (request.directives.no_store) return storability::request_store;
  // RFC 9111 5.2.2.3: who knows the status goes by it, and does not mind no-store beside it.
  if (d.must_understand && !is_understood(status)) return storability::status;
  if (d.no_store && !d.must_understand) return storability::no_store;
  if (d.is_private) return storability::is_private;
  const bool personal = request.identified || request.head.find(field_id::authorization);
  if (personal && !authorization_allows(d)) return storability::authorization;
  if (!cookies_allow(response, policy)) return storability::set_cookie;
  if (varies_by_all(response.head)) return storability::vary_any;
  const bool told = is_explicit(fresh.source) || d.is_public;
  if (!told && !is_heuristically_cacheable(status)) return storability::status;
  if (!told && !policy.any_cookie && request.head.find(field_id::cookie))
    return storability::cookie;
  const auto stale = std::max(d.stale_while_revalidate.value_or(policy.stale),
                              d.stale_if_error.value_or(policy.stale_on_error));
  const bool usable = fresh.lifetime + stale > delta_seconds{0} && !d.no_cache;
  if (!usable && !has_validator(response.head)) return storability::no_freshness;
  if (response.head.framing == body_framing::length &&
      response.head.content_length > policy.object_bytes_max)
    return storability::too_large;
  return storability::storable;
}

bool is_left_out(const response_head& head, const field& f, const cache_directives& directives) {
  if (hop_by_hop_fields.has(f.id) || f.id == field_id::set_cookie) return true;
  if (f.id == field_id::content_length || iequals(f.name, "age")) return true;
  if (iequals(f.name, "set-cookie2") || iequals(f.name, "proxy-authentication-info")) return true;
  if (names(directives.no_cache_fields, f.name) || names(directives.private_fields, f.name))
    return true;
  return head.connection_names_fields && named_by_connection(head, f);
}

} // namespace weir::net
