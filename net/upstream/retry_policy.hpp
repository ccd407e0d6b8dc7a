// Whether a failed attempt may be repeated: what never reached the origin always, the rest only if
// it is safe (RFC 9110 9.2.2).
#pragma once

#include "base/clock.hpp"
#include "config/settings.hpp"
#include "net/http/message.hpp"
#include "net/upstream/failure.hpp"
#include "net/upstream/retry_budget.hpp"

#include <cstdint>
#include <string_view>

namespace weir::net {

/// The race every keep-alive client runs: the origin closed the idle connection while the request
/// was on its way. That says nothing about its health.
constexpr bool is_stale_connection(failure_kind kind, bool reused, bool answer_begun) {
  return reused && kind == failure_kind::reset && !answer_begun;
}

/// One attempt that failed, as the pool saw it.
struct failed_attempt {
  http_method method = http_method::get;
  failure_kind kind = failure_kind::connect;
  std::uint16_t status = 0; // with kind `status`
  std::uint64_t bytes_delivered =
      0; // of this request that may have reached the origin: see delivery.hpp
  bool response_started = false;  // something of an answer was passed to the client
  bool answer_begun = false;      // a byte of an answer came from the origin
  bool replayable = true;         // no body, or all of it that was sent is still held
  bool reused_connection = false; // it had been idle in the pool
  bool retries_open = false;      // as many repeats are under way as may be
  bool stale_retry_used = false;  // this request was repeated for a stale connection before
  std::uint32_t attempt = 1;      // 1: the first; stale repeats do not count
};

enum class retry_reason : std::uint8_t {
  stale_connection, // retry, uncounted: the origin had closed the idle connection
  allowed,          // retry, counted
  response_started, // give up from here on
  body_gone,
  not_idempotent,
  attempts_exhausted,
  budget_exhausted,
  circuit_open,   // `at_once` repeats are under way
  not_configured, // `on:` does not list this failure
};
/// A stable snake_case name for logs and metrics.
std::string_view name_of(retry_reason reason);

struct retry_decision {
  retry_reason reason = retry_reason::not_configured;
  bool retry() const {
    return reason == retry_reason::stale_connection || reason == retry_reason::allowed;
  }
  /// Whether the next attempt has a higher number; otherwise set `stale_retry_used`.
  bool counts() const { return reason == retry_reason::allowed; }
};

/// Whether `on:` lists an answer's status.
bool is_listed(const config::retry_settings& settings, std::uint16_t status);

/// Decides, and takes the retry out of the budget when it says `allowed`. A stale connection is
/// repeated once, free of charge and on a connection that the caller opens fresh. A connect failure
/// delivered nothing whatever `bytes_delivered` says.
retry_decision decide_retry(const config::retry_settings& settings, const failed_attempt& attempt,
                            retry_budget& budget, steady_time now);

} // namespace weir::net
