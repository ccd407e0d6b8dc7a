// Statuses of outcomes.
#include "net/admin/outcome_answer.hpp"

#include "net/admin/status_json.hpp"

namespace weir::net {

namespace {

admin_response answer_of(const action_outcome& outcome, unsigned done_status) {
  switch (outcome.kind) {
  case outcome_kind::done:
    return {done_status,
            "application/json",
            dump({{"detail", outcome.detail}, {"config_version", outcome.config_version}}) + "\n",
            {}};
  case outcome_kind::rejected:
    return problem(422, outcome.detail, outcome.diagnostics);
  case outcome_kind::unknown:
    return problem(404, outcome.detail);
  case outcome_kind::conflict:
    return problem(409, outcome.detail);
  case outcome_kind::failed:
    break;
  }
  return problem(500, outcome.detail);
}

} // namespace

outcome_handler answering(admin_reply reply, unsigned done_status) {
  return [reply = std::move(reply), done_status](const action_outcome& outcome) {
    reply(answer_of(outcome, done_status));
  };
}

} // namespace weir::net
