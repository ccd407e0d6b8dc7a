// What a site's or route's `cache:` demands, compiled once per configuration.
#pragma once

#include "config/settings.hpp"
#include "net/http/message.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

/// Immutable; part of the compiled policy, shared by all shards. A route without `cache` on a site
/// that caches elsewhere has one too, with `enabled` false: its unsafe requests invalidate.
struct cache_policy {
  cache_policy() = default;
  explicit cache_policy(const config::cache_settings& from);

  bool enabled = false;
  std::optional<std::chrono::seconds> ttl; // where the response says nothing
  std::chrono::seconds negative_ttl{};     // the most that `ttl` is for an error
  std::chrono::seconds stale{};            // served while it is fetched anew
  std::chrono::seconds stale_on_error{};
  std::uint64_t object_bytes_max = 0;
  bool set_cookie = false; // store answers that set cookies, without the cookies
  bool any_cookie = false; // what has no freshness of its own is stored despite a request's cookies
  std::vector<std::string> bypass_cookies;
  std::string tags; // the name of the field that lists tags; empty: none

  // -- what makes the key, besides the URL
  bool keep_query = true;              // false: only `query` counts
  std::vector<std::string> drop_query; // names; "utm_*" is a prefix
  std::vector<std::string> query;
  std::vector<std::string> key_headers; // lower-case
  std::vector<std::string> key_cookies;
  bool plain_query() const { return keep_query && drop_query.empty(); }

  /// The request has one of `bypass_cookies`.
  bool bypasses(const request_head& request) const;
};

/// The value of a cookie of the request; nothing when it has none of that name.
std::optional<std::string_view> find_cookie(const request_head& request, std::string_view name);

} // namespace weir::net
