// Counting doubts.
#include "cluster/down_ruling.hpp"

#include <algorithm>

namespace weir::cluster {

namespace {

/// What those that count and speak say of one member.
struct verdicts {
  std::size_t missed = 0; // for so long that it is enough
  std::size_t heard = 0;
};

verdicts count_of(const member_fact& member, const std::vector<const doubt_report*>& reports) {
  const auto patience =
      member.state == standing::joining ? down_ruling::joining_down_after : down_ruling::down_after;
  verdicts out;
  for (const auto* report : reports) {
    if (report->by == member.id) continue;
    const auto doubt = std::ranges::find(report->doubted, member.id, &doubt_report::entry::of);
    if (doubt == report->doubted.end())
      ++out.heard;
    else if (report->at - doubt->since >= patience)
      ++out.missed;
  }
  return out;
}

bool can_fall(standing state) {
  return state == standing::joining || state == standing::up || state == standing::leaving;
}

} // namespace

ruling down_ruling::judge(const roster& agreed, const std::vector<doubt_report>& reports,
                          steady_time now) {
  std::vector<const doubt_report*> valid;
  for (const auto& report : reports) {
    const auto* by = agreed.find(report.by);
    // Who is down itself is no witness, though it counts.
    if (by && counts(by->state) && by->state != standing::down && now - report.at < report_lasts)
      valid.push_back(&report);
  }
  const auto voters = std::ranges::count_if(
      agreed.members, [](const auto& each) { return counts(each.second.fact.state); });
  const auto majority = static_cast<std::size_t>(voters) / 2 + 1;

  ruling out;
  std::erase_if(records_, [&](const auto& each) { return !agreed.find(each.first); });
  for (const auto& [id, each] : agreed.members) {
    const auto said = count_of(each.fact, valid);
    if (can_fall(each.fact.state) && said.missed >= majority) out.down.push_back(id);
    if (may_return(records_[id], each.fact, said.heard >= majority, now)) out.back.push_back(id);
  }
  return out;
}

bool down_ruling::may_return(record& past, const member_fact& member, bool heard, steady_time now) {
  if (member.state != standing::down) {
    past.heard_since = {};
    return false;
  }
  if (past.fallen_epoch != member.since_epoch) {
    const bool again = past.falls > 0 && now - past.last_fall < falls_forgotten;
    past = {member.since_epoch, again ? past.falls + 1 : 1, now, {}};
  }
  if (!heard)
    past.heard_since = {};
  else if (past.heard_since == steady_time{})
    past.heard_since = now;
  const auto wanted =
      std::min<duration>(back_after_max, back_after * (1u << std::min(past.falls - 1, 16u)));
  return heard && now - past.heard_since >= wanted;
}

} // namespace weir::cluster
