// Settings to policy, and the look at a request's cookies.
#include "net/cache/cache_policy.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace weir::net {

cache_policy::cache_policy(const config::cache_settings& from)
    : enabled(true), ttl(from.ttl), negative_ttl(from.negative_ttl), stale(from.stale),
      stale_on_error(from.stale_on_error), object_bytes_max(from.object_bytes),
      set_cookie(from.set_cookie), any_cookie(!from.bypass_cookie.empty()),
      bypass_cookies(from.bypass_cookie), tags(to_lower(from.tags)),
      keep_query(from.key.query.empty()), drop_query(from.key.drop_query), query(from.key.query),
      key_cookies(from.key.cookies) {
  for (const auto& name : from.key.headers)
    key_headers.push_back(to_lower(name));
}

std::optional<std::string_view> find_cookie(const request_head& request, std::string_view name) {
  for (const auto& f : request.fields) {
    if (f.id != field_id::cookie) continue;
    for (auto list = f.value; !list.empty();) {
      const auto end = std::min(list.find(';'), list.size());
      const auto pair = trim(list.substr(0, end));
      list.remove_prefix(std::min(end + 1, list.size()));
      const auto equals = std::min(pair.find('='), pair.size());
      if (trim(pair.substr(0, equals)) != name) continue;
      return trim(pair.substr(std::min(equals + 1, pair.size())));
    }
  }
  return std::nullopt;
}

bool cache_policy::bypasses(const request_head& request) const {
  return std::any_of(bypass_cookies.begin(), bypass_cookies.end(),
                     [&](const std::string& name) { return find_cookie(request, name); });
}

} // namespace weir::net
