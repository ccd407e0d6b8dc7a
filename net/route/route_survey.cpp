// A walk over all routes that match a path, past the one that wins.
#include "net/route/route_survey.hpp"

#include <array>

namespace weir::net {

namespace {

route_fate fate_of(match_part part) {
  switch (part) {
  case match_part::method:
    return route_fate::other_method;
  case match_part::field:
    return route_fate::other_field;
  case match_part::parameter:
    return route_fate::other_parameter;
  case match_part::cookie:
    break;
  }
  return route_fate::other_cookie;
}

/// Why `loser`, which matches the path as well, is asked after `winner`.
route_fate why_after(const compiled_route& winner, const compiled_route& loser) {
  if (loser.priority != winner.priority) return route_fate::lower_priority;
  if (loser.kind != winner.kind) return route_fate::weaker_kind;
  if (loser.kind == config::path_kind::regex) return route_fate::later_in_file;
  if (loser.path != winner.path) return route_fate::shorter_prefix;
  if (loser.match.count() != winner.match.count()) return route_fate::fewer_conditions;
  return route_fate::later_in_file;
}

} // namespace

std::string_view name_of(route_fate fate) {
  static constexpr std::array<std::string_view, route_fate_count> names{
      "chosen",          "other_path",       "other_method",   "other_field",
      "other_parameter", "other_cookie",     "lower_priority", "weaker_kind",
      "shorter_prefix",  "fewer_conditions", "later_in_file",  "not_known"};
  return names[static_cast<std::size_t>(fate)];
}

std::vector<surveyed_route> survey_routes(const compiled_site& site, const request_head& head,
                                          std::string_view path) {
  std::vector<surveyed_route> out(site.routes.size());
  for (std::uint32_t i = 0; i < out.size(); ++i)
    out[i].route = i;
  std::vector<bool> met(site.routes.size());
  const compiled_route* winner = nullptr;
  regex_captures captures;
  const auto end = site.paths.walk(path, captures, [&](std::uint32_t index) {
    const auto& route = site.routes[index];
    met[index] = true;
    if (winner != nullptr) {
      out[index].fate = why_after(*winner, route);
    } else if (const auto unmet = route.match.first_unmet(head)) {
      out[index].fate = fate_of(unmet->part);
      out[index].name = unmet->name;
    } else {
      out[index].fate = route_fate::chosen;
      winner = &route;
    }
    return false;
  });
  if (end == path_index::walk_result::regex_limit)
    for (auto& each : out)
      if (!met[each.route]) each.fate = route_fate::not_known;
  return out;
}

} // namespace weir::net
