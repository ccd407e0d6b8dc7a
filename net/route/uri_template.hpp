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

/// What `$host`, `$path`, `$rest` and captures stand for in one request.
struct template_values {
  const regex_captures& captures;
  std::string_view host; // comparable form, with ":port" if the client named one
  std::string_view path; // decoded
  std::string_view rest; // what follows a prefix route's path, without a leading slash
};

enum class template_use : std::uint8_t { rewrite, redirect };

/// Literal text and variables. `$name` and `$1` are captures of the route's regex, `$host`, `$path`
/// and `$rest` are always there unless a capture has that name, `$$` is a dollar. What a variable
/// brings is percent-encoded for where it stands, so it can add neither a query nor a line; it may
/// not stand in the host of a redirect, `$host` excepted.
class uri_template {
public:
  /// `regex` is null for a route without one. On failure an empty optional and a sentence in
  /// `error`.
  static std::optional<uri_template> parse(std::string_view text, template_use use,
                                           const route_regex* regex, std::string& error);

  /// The URI with the client's raw query: appended with '?', or '&' when the template has a query
  /// of its own; dropped when the template ends in '?'.
  std::string expand(const template_values& values, bool has_query, std::string_view query) const;
  /// The path only, not encoded: for files.
  std::string expand_decoded(const template_values& values) const;

private:
  enum class source : std::uint8_t { literal, capture, host, path, rest };
  struct part {
    source from = source::literal;
    bool in_query = false;
    std::uint32_t group = 0;
    std::string literal;
  };
  enum class query_rule : std::uint8_t { append, join, drop };

  std::string_view value(const part& p, const template_values& values) const;

  std::vector<part> parts_;
  query_rule query_ = query_rule::append;
};

} // namespace weir::net
