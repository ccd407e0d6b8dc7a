// Methods, exempt networks, keys.
#include "net/limit/limit_concern.hpp"

#include "net/route/policy.hpp"

#include <array>

namespace weir::net {

std::string_view name_of(limit_concern concern) {
  static constexpr std::array<std::string_view, limit_concern_count> names{"counts", "other_method",
                                                                           "exempt", "no_key"};
  return names[static_cast<std::size_t>(concern)];
}

limit_question question_of(const request_limit& limit, const limit_subject& subject,
                           limit_keys& keys) {
  if (!limit.methods.contains(subject.head)) return {limit_concern::other_method, 0};
  if (contains(limit.settings.exempt, subject.client.bytes())) return {limit_concern::exempt, 0};
  if (const auto hash = keys.hash(limit, subject)) return {limit_concern::counts, *hash};
  return {limit_concern::no_key, 0};
}

} // namespace weir::net
