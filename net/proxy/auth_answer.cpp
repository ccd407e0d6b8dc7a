// A head out of a buffer that is used again.
#include "net/proxy/auth_answer.hpp"

#include "net/http/field_rules.hpp"

#include <array>

namespace weir::net {

std::string_view name_of(auth_outcome outcome) {
  static constexpr std::array<std::string_view, auth_outcome_count> names{
      "passed", "refused", "unreachable", "timeout", "bad_answer"};
  return names[static_cast<std::size_t>(outcome)];
}

void auth_answer::take(const response_head& from) {
  std::size_t size = from.reason.size();
  for (const auto& f : from.fields)
    size += f.name.size() + f.value.size();
  text.reserve(size); // so that views of it stay
  const auto keep = [this](std::string_view part) {
    const auto at = text.size();
    text += part;
    return std::string_view(text).substr(at);
  };
  head.status = from.status;
  head.reason = keep(from.reason);
  for (const auto& f : from.fields) {
    if (hop_by_hop_fields.has(f.id) || f.id == field_id::content_length) continue;
    if (from.connection_names_fields && named_by_connection(from, f)) continue;
    const auto name = keep(f.name);
    head.fields.push_back({name, keep(f.value), f.id});
  }
}

} // namespace weir::net
