// Targets with captures: "/api/$rest", "https://$host/new/$1"; what was captured is re-encoded (RFC
// 3986 3.3, 3.4).
#pragma once

#include "net/route/route_regex.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::net {

/// What the variables stand for in one request.
struct template_values {
  const regex_captures& captures;
  std::string_view host; // comparable form, without a port
  std::string_view path; // decoded
  std::string_view rest; // what follows a prefix route's path, without a leading slash
};

enum class template_use : std::uint8_t {
  rewrite,   // a request target in origin-form
  redirect,  // a Location
  file_path, // a decoded path: nothing is encoded, there is no query
};

/// Literal text and variables. `$name` and `$1` are captures of the route's regex; `$host`, `$path`
/// and `$rest` are always there unless a capture has that name; `$$` is a dollar. What a variable
/// brings is percent-encoded for where it stands, so it can add neither a query nor a line, and a
/// leading "//" becomes "/", so it cannot name another host either. In the host of a redirect only
/// `$host` may stand.
class uri_template {
public:
  /// `regex` is null for a route without one. On failure empty, and `error` says why.
  static std::optional<uri_template> parse(std::string_view text, template_use use,
                                           const route_regex* regex, std::string& error);

  /// The client's raw query is appended with '?', or with '&' when the template has a query of its
  /// own; it is dropped when the template ends in '?' or has a fragment.
  std::string expand(const template_values& values, bool has_query, std::string_view query) const;

private:
  friend class template_parser;
  enum class source : std::uint8_t { literal, capture, host, path, rest };
  enum class encoding : std::uint8_t { none, path, query };
  enum class query_rule : std::uint8_t { append, join, drop };
  struct part {
    source from = source::literal;
    encoding as = encoding::none;
    std::uint32_t group = 0;
    std::string literal;
  };

  static std::string_view value(const part& p, const template_values& values);

  std::vector<part> parts_;
  query_rule query_ = query_rule::append;
};

} // namespace weir::net
