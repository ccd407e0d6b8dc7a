// Names with the same settings are asked for together.
#include "net/proxy/name_refresh.hpp"

#include "base/log.hpp"
#include "net/io/dns_lookup.hpp"

#include <algorithm>

namespace weir::net {

namespace {

std::string text_of(const std::vector<ip_address>& addresses) {
  std::string text;
  for (const auto& each : addresses)
    text.append(text.empty() ? "" : " ").append(each.text());
  return text;
}

bool take(watched_names& names, const watched_name& name, const dns_answer& answer,
          steady_time now) {
  const bool news = names.problem_of(name) != answer.problem; // not every few seconds the same
  const bool changed = names.take(name, answer, now);
  if (changed)
    log::event("name_resolved", {{"name", name.host}, {"addresses", text_of(answer.addresses)}});
  else if (news && answer.addresses.empty())
    log::event("name_unresolved", {{"name", name.host}, {"error", answer.problem}},
               log::level::warning);
  return changed;
}

} // namespace

bool refresh_names(watched_names& names, const clock_source& clock) {
  bool changed = false;
  auto due = names.due(clock.steady());
  while (!due.empty()) {
    const auto how = due.front().how;
    const auto others = std::stable_partition(
        due.begin(), due.end(), [&](const watched_name& each) { return each.how == how; });
    std::vector<std::string> hosts;
    for (auto at = due.begin(); at != others; ++at)
      hosts.push_back(at->host);
    const auto answers = look_up(hosts, {how.servers, how.timeout});
    for (std::size_t i = 0; i < hosts.size(); ++i)
      changed |= take(names, due[i], answers[i], clock.steady());
    due.erase(due.begin(), others);
  }
  return changed;
}

} // namespace weir::net
