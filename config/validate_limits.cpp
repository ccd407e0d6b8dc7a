// What must hold within a rate limit and between them.
#include "config/validate.hpp"

#include <algorithm>
#include <map>

namespace weir::config {
namespace {

/// A longer time to fill an empty bucket is a mistake, and more than the limiter's clock can count.
constexpr std::chrono::seconds longest_fill = std::chrono::hours(24 * 365);

std::string limit_path(const std::string& owner, std::size_t index, const validation& check) {
  const auto listed = item(owner + ".rate_limit", index);
  return check.origins.has(listed) ? listed : owner + ".rate_limit";
}

void validate_limit(const rate_limit_settings& limit, const std::string& path,
                    const validation& check) {
  const bool has_rate = limit.per_key || check.origins.has(path + ".rate");
  if (!has_rate && !limit.concurrency && !check.origins.has(path + ".concurrency"))
    return check.error(path, "a limit needs a rate, a concurrency or both");
  if (limit.burst && !has_rate)
    check.error(path + ".burst", "a burst goes with a rate, and there is none");
  if (limit.per_key && limit.per_key->count != 0) {
    const auto burst = limit.burst.value_or(limit.per_key->count);
    if (limit.per_key->per * burst / limit.per_key->count > longest_fill)
      check.error(path + (limit.burst ? ".burst" : ".rate"),
                  "at this rate a burst of " + std::to_string(burst) +
                      " takes more than a year to come back");
  }
  const auto all = std::count_if(limit.key.begin(), limit.key.end(),
                                 [](const auto& part) { return part.kind == limit_key_kind::all; });
  if (all != 0 && limit.key.size() > 1)
    check.error(path + ".key", "all stands alone: everything counts together");
  if (limit.key.size() > 8) check.error(path + ".key", "has more than 8 parts");
}

} // namespace

void validate_rate_limits(const policy_settings& policy, const std::string& path,
                          const validation& check) {
  if (!policy.rate_limits) return;
  constexpr std::size_t most = 16;
  if (policy.rate_limits->size() > most)
    check.error(path + ".rate_limit", "more than " + std::to_string(most) + " limits");
  for (std::size_t i = 0; i < policy.rate_limits->size(); ++i)
    validate_limit((*policy.rate_limits)[i], limit_path(path, i, check), check);
}

void validate_limit_names(const settings& values, const validation& check) {
  std::map<std::string_view, std::string> first;
  const auto look = [&](const policy_settings& policy, const std::string& path) {
    if (!policy.rate_limits) return;
    for (std::size_t i = 0; i < policy.rate_limits->size(); ++i) {
      const auto& name = (*policy.rate_limits)[i].name;
      const auto here = limit_path(path, i, check) + ".name";
      if (name.empty()) continue;
      const auto [other, is_new] = first.emplace(name, here);
      if (!is_new)
        check.error(here, "limit " + check.origins.quote(here, name) +
                              " was given already, on line " +
                              std::to_string(check.origins.at(other->second).line));
    }
  };
  for (std::size_t i = 0; i < values.sites.size(); ++i) {
    const auto site = item("sites", i);
    look(values.sites[i].policy, site);
    for (std::size_t k = 0; k < values.sites[i].routes.size(); ++k)
      look(values.sites[i].routes[k].policy, item(site + ".routes", k));
  }
}

} // namespace weir::config
