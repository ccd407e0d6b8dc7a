// Preconditions: whether a request applies to the representation we have (RFC 9110 13).
#include "net/http/conditional.hpp"

#include "base/text.hpp"

#include <algorithm>

namespace weir::net {

namespace {

/// The size of the entity-tag at the start of `text`, 0 when there is none. Commas may stand inside
/// it.
std::size_t entity_tag_size(std::string_view text) {
  const std::size_t open = text.starts_with("W/") ? 2 : 0;
  if (open >= text.size() || text[open] != '"') return 0;
  const auto close = text.find('"', open + 1);
  if (close == text.npos) return 0;
  const auto inside = text.substr(open + 1, close - open - 1);
  const bool clean = std::none_of(inside.begin(), inside.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
  });
  return clean ? close + 1 : 0;
}

using comparison = bool (*)(std::string_view, std::string_view);

/// One field line: "*", or a list of entity-tags; what does not parse matches nothing.
bool line_matches(std::string_view list, const validators& current, comparison equal) {
  if (list == "*") return current.exists;
  if (!current.exists || current.etag.empty()) return false;
  for (;;) {
    const auto start = list.find_first_not_of(" \t,");
    if (start == list.npos) return false;
    list.remove_prefix(start);
    const auto size = entity_tag_size(list);
    if (size == 0) return false;
    if (equal(list.substr(0, size), current.etag)) return true;
    list.remove_prefix(size);
  }
}

bool any_matches(const request_head& head, field_id id, const validators& current,
                 comparison equal) {
  return std::any_of(head.fields.begin(), head.fields.end(), [&](const field& f) {
    return f.id == id && line_matches(f.value, current, equal);
  });
}

/// The date of a field that must stand alone; nothing when it is absent, doubled or no date.
std::optional<http_time> only_date(const request_head& head, field_id id, http_time now) {
  std::optional<http_time> date;
  int lines = 0;
  for (const auto& f : head.fields)
    if (f.id == id && ++lines == 1) date = parse_http_date(f.value, now);
  return lines == 1 ? date : std::nullopt;
}

} // namespace

bool is_entity_tag(std::string_view text) {
  return !text.empty() && entity_tag_size(text) == text.size();
}

bool strong_equal(std::string_view a, std::string_view b) {
  return is_entity_tag(a) && !a.starts_with("W/") && a == b;
}

bool weak_equal(std::string_view a, std::string_view b) {
  if (!is_entity_tag(a) || !is_entity_tag(b)) return false;
  if (a.starts_with("W/")) a.remove_prefix(2);
  if (b.starts_with("W/")) b.remove_prefix(2);
  return a == b;
}

precondition evaluate_preconditions(const request_head& head, const validators& current,
                                    http_time now) {
  if (head.find(field_id::if_match)) {
    if (!any_matches(head, field_id::if_match, current, strong_equal)) return precondition::failed;
  } else if (const auto since = only_date(head, field_id::if_unmodified_since, now)) {
    if (current.last_modified && *current.last_modified > *since) return precondition::failed;
  }
  const bool reads = head.method == http_method::get || head.method == http_method::head;
  if (head.find(field_id::if_none_match)) {
    if (any_matches(head, field_id::if_none_match, current, weak_equal))
      return reads ? precondition::not_modified : precondition::failed;
  } else if (reads) {
    const auto since = only_date(head, field_id::if_modified_since, now);
    if (since && current.last_modified && *current.last_modified <= *since)
      return precondition::not_modified;
  }
  return precondition::proceed;
}

bool range_applies(const request_head& head, const validators& current, http_time now) {
  const auto* condition = head.find(field_id::if_range);
  if (!condition) return true;
  if (is_entity_tag(condition->value)) return strong_equal(condition->value, current.etag);
  // RFC 9110 8.8.2.2: a time stamp is strong once the second it names is over.
  const auto date = only_date(head, field_id::if_range, now);
  return date && current.last_modified && *date == *current.last_modified &&
         *current.last_modified < now;
}

} // namespace weir::net
