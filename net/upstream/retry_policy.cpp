// The order of the questions is the policy: impossible, unsafe, unwanted, unaffordable.
#include "net/upstream/retry_policy.hpp"

#include <algorithm>

namespace weir::net {

std::string_view name_of(retry_reason reason) {
  switch (reason) {
  case retry_reason::stale_connection:
    return "stale_connection";
  case retry_reason::allowed:
    return "allowed";
  case retry_reason::response_started:
    return "response_started";
  case retry_reason::body_gone:
    return "body_gone";
  case retry_reason::not_idempotent:
    return "not_idempotent";
  case retry_reason::attempts_exhausted:
    return "attempts_exhausted";
  case retry_reason::budget_exhausted:
    return "budget_exhausted";
  case retry_reason::circuit_open:
    return "circuit_open";
  case retry_reason::not_configured:
    return "not_configured";
  }
  return "invalid";
}

bool is_listed(const config::retry_settings& settings, std::uint16_t status) {
  return std::find(settings.on_status.begin(), settings.on_status.end(), status) !=
         settings.on_status.end();
}

namespace {

bool is_configured(const config::retry_settings& settings, const failed_attempt& attempt) {
  switch (attempt.kind) {
  case failure_kind::connect:
    return settings.on_connect;
  case failure_kind::reset:
    return settings.on_reset;
  case failure_kind::status:
    return is_listed(settings, attempt.status);
  // The origin may still be at work on it, or speaks no HTTP: asking again makes neither better.
  case failure_kind::timeout:
  case failure_kind::protocol:
    return false;
  }
  return false;
}

bool is_safe_to_repeat(const failed_attempt& attempt) {
  return attempt.kind == failure_kind::connect || attempt.bytes_delivered == 0 ||
         is_idempotent(attempt.method);
}

bool is_stale_connection(const failed_attempt& attempt) {
  return is_stale_connection(attempt.kind, attempt.reused_connection, attempt.answer_begun) &&
         !attempt.stale_retry_used;
}

} // namespace

retry_decision decide_retry(const config::retry_settings& settings, const failed_attempt& attempt,
                            retry_budget& budget, steady_time now) {
  if (attempt.response_started) return {retry_reason::response_started};
  if (!attempt.replayable) return {retry_reason::body_gone};
  if (!is_safe_to_repeat(attempt)) return {retry_reason::not_idempotent};
  if (is_stale_connection(attempt)) return {retry_reason::stale_connection};
  if (!is_configured(settings, attempt)) return {retry_reason::not_configured};
  if (attempt.attempt >= settings.attempts) return {retry_reason::attempts_exhausted};
  if (attempt.retries_open) return {retry_reason::circuit_open};
  if (!budget.try_spend(now)) return {retry_reason::budget_exhausted};
  return {retry_reason::allowed};
}

} // namespace weir::net
