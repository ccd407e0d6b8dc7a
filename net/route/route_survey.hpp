// How every route of a site fared with a request: which one won, and why the others did not.
#pragma once

#include "net/http/message.hpp"
#include "net/route/site_table.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace weir::net {

/// Reaches `weir explain`. Append only.
enum class route_fate : std::uint8_t {
  chosen,
  other_path,   // its path, prefix or pattern is not that of the request
  other_method, // the rest is `match`
  other_field,
  other_parameter,
  other_cookie,
  lower_priority, // it matches the path too, but comes after the chosen one
  weaker_kind,    // exact beats prefix beats regex
  shorter_prefix,
  fewer_conditions,
  later_in_file,
  not_known, // a pattern before it used up its match limit
};
inline constexpr std::size_t route_fate_count = 12;
/// A stable snake_case name.
std::string_view name_of(route_fate fate);

struct surveyed_route {
  std::uint32_t route = 0; // index into compiled_site::routes
  route_fate fate = route_fate::other_path;
  std::string_view name; // of the field, parameter or cookie that differs
};

/// All routes of the site in the file's order, for a request with this decoded path: offers them in
/// the order in which `site_table::route` asks them, so that the chosen one is its choice. At most
/// one is chosen. Any thread; tries every pattern, each within its match limit.
std::vector<surveyed_route> survey_routes(const compiled_site& site, const request_head& head,
                                          std::string_view path);

} // namespace weir::net
