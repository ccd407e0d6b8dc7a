// The limiter's judgement, and each limit's part in it.
#include "actors/explain_limits.hpp"

#include "actors/limit_judgement.hpp"
#include "net/limit/limit_concern.hpp"
#include "net/route/policy.hpp"

namespace weir::actors {

net::explained_limit explain_limits::row_of(const net::exchange& x, const net::request_limit& limit,
                                            bool reached) {
  net::explained_limit row;
  row.name = limit.name;
  row.count = limit.settings.count == config::limit_count::misses ? "misses" : "all";
  row.burst = limit.settings.per_key ? static_cast<std::uint64_t>(limit.burst) : 0;
  row.concurrency = limit.concurrency;
  const auto question = net::question_of(limit, subject_of(x), keys_);
  if (question.concern != net::limit_concern::counts) {
    row.outcome = net::name_of(question.concern);
    return row;
  }
  row.key = node_limits::shown(keys_.text(limit, subject_of(x)));
  const auto seen = node_.table().judge({question.key, node_limits::tag_of(limit)},
                                        node_limits::terms_of(limit), now_);
  row.remaining = seen.remaining;
  row.retry_after = seen.retry_after;
  if (!reached)
    row.outcome = "not_asked";
  else if (seen.admitted())
    row.outcome = "admits";
  else
    row.outcome = limit.settings.dry_run ? "would_refuse" : "refuses";
  return row;
}

void explain_limits::look(net::exchange& x, config::limit_count stage, bool reached,
                          std::vector<net::explained_limit>& out) {
  for (const auto& limit : x.route.policy->rate_limits)
    if (limit.settings.count == stage) out.push_back(row_of(x, limit, reached));
  if (!reached) return;
  const auto refusal = foresee(node_.table(), limits_asked(x, stage, keys_), now_);
  if (refusal.limit != nullptr) refuse_by(x, refusal);
}

} // namespace weir::actors
