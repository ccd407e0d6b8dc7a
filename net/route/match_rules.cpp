// Conditions beyond the path, compared without allocating.
#include "net/route/match_rules.hpp"

#include "base/text.hpp"
#include "net/route/pair_list.hpp"

#include <algorithm>

namespace weir::net {

namespace {

/// Whether form-encoded `raw` decodes to `text`.
bool decodes_to(std::string_view raw, std::string_view text) {
  std::size_t at = 0;
  const auto same = [&](char byte) { return at < text.size() && text[at++] == byte; };
  return each_form_byte(raw, same) && at == text.size();
}

bool has_query(const request_head& head, const std::pair<std::string, std::string>& wanted) {
  return any_pair(head.query, '&', [&](std::string_view name, std::string_view value) {
    return decodes_to(name, wanted.first) && decodes_to(value, wanted.second);
  });
}

bool has_cookie(const request_head& head, const std::pair<std::string, std::string>& wanted) {
  const auto in_field = [&](const field& f) {
    return f.id == field_id::cookie &&
           any_pair(f.value, ';', [&](std::string_view name, std::string_view value) {
             return trim(name) == wanted.first && trim(value) == wanted.second;
           });
  };
  return std::any_of(head.fields.begin(), head.fields.end(), in_field);
}

bool has_field(const request_head& head, const std::pair<std::string, std::string>& wanted) {
  return std::any_of(head.fields.begin(), head.fields.end(), [&](const field& f) {
    return iequals(f.name, wanted.first) && f.value == wanted.second;
  });
}

} // namespace

match_rules::match_rules(const config::match_settings& settings)
    : methods_(settings.methods), fields_(settings.headers), query_(settings.query),
      cookies_(settings.cookies) {}

std::optional<unmet_condition> match_rules::first_unmet(const request_head& head) const {
  std::optional<unmet_condition> out;
  const auto all = [&](match_part part, const pairs& wanted, auto has) {
    for (const auto& each : wanted) {
      if (has(head, each)) continue;
      out = {part, each.first};
      return false;
    }
    return true;
  };
  if (!methods_.contains(head)) return unmet_condition{match_part::method, {}};
  if (all(match_part::field, fields_, has_field) && all(match_part::parameter, query_, has_query))
    all(match_part::cookie, cookies_, has_cookie);
  return out;
}

std::size_t match_rules::count() const {
  return (methods_.unlimited() ? 0u : 1u) + fields_.size() + query_.size() + cookies_.size();
}

} // namespace weir::net
