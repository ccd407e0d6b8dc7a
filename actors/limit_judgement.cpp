// Which limits are asked, and the first that would refuse.
#include "actors/limit_judgement.hpp"

#include "actors/node_limits.hpp"
#include "net/limit/limit_concern.hpp"
#include "net/route/policy.hpp"

namespace weir::actors {

namespace {

/// When one of too many requests at once may come again: somebody's will have ended.
constexpr duration concurrency_wait = 1s;

} // namespace

net::limit_subject subject_of(const net::exchange& x) {
  return {x.request, x.path, x.client_address};
}

asked_limits limits_asked(const net::exchange& x, config::limit_count stage,
                          net::limit_keys& keys) {
  asked_limits out;
  for (const auto& limit : x.route.policy->rate_limits) {
    if (limit.settings.count != stage) continue;
    const auto question = net::question_of(limit, subject_of(x), keys);
    if (question.concern == net::limit_concern::counts)
      out.push_back({&limit, {question.key, node_limits::tag_of(limit)}});
  }
  return out;
}

limit_refusal foresee(const cluster::limit_table& table, const asked_limits& limits, duration now) {
  for (const auto& each : limits) {
    if (each.limit->settings.dry_run) continue;
    const auto seen = table.judge(each.key, node_limits::terms_of(*each.limit), now);
    if (!seen.admitted()) return {each.limit, seen};
  }
  return {};
}

void refuse_by(net::exchange& x, const limit_refusal& refusal) {
  const bool by_rate = refusal.why.outcome == cluster::limit_outcome::over_rate;
  x.limited = refusal.limit;
  x.retry_after = by_rate ? refusal.why.retry_after : concurrency_wait;
  x.fail(refusal.limit->settings.reject,
         by_rate ? net::end_reason::rate_limited : net::end_reason::too_many_under_way);
}

} // namespace weir::actors
