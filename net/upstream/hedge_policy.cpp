// The order of the questions: harmful, impossible, unaffordable.
#include "net/upstream/hedge_policy.hpp"

#include <algorithm>
#include <array>

namespace weir::net {

namespace {

/// A percentile is looked at this often: it takes a walk over all buckets, and moves slowly.
constexpr duration look_every = 100ms;

} // namespace

std::string_view name_of(hedge_reason reason) {
  static constexpr std::array<std::string_view, hedge_reason_count> names{
      "sent", "circuit_open", "queue", "no_server", "max", "budget"};
  return names[static_cast<std::size_t>(reason)];
}

bool is_hedgeable(const request_head& request) {
  return (request.method == http_method::get || request.method == http_method::head) &&
         request.framing == body_framing::none && !request.upgrade;
}

void hedge_policy::count_wait(duration took, steady_time now) {
  if (settings_.after.fixed == config::milliseconds::zero()) waits_.observe(took, now);
}

std::optional<duration> hedge_policy::delay(steady_time now) {
  if (settings_.after.fixed > config::milliseconds::zero()) return settings_.after.fixed;
  if (!known_ || now - known_at_ >= look_every) {
    known_ = waits_.percentile(settings_.after.percentile);
    known_at_ = now;
  }
  if (!known_) return std::nullopt;
  return std::max<duration>(*known_, config::defaults::hedge_after_min);
}

hedge_reason hedge_policy::judge(const hedge_case& what) const {
  if (what.circuit_open) return hedge_reason::circuit_open;
  return what.others_wait ? hedge_reason::queue : hedge_reason::sent;
}

hedge_reason hedge_policy::pay(retry_budget& budget, steady_time now) {
  if (!share_.allows(now)) return hedge_reason::max;
  if (!budget.try_spend(now)) return hedge_reason::budget;
  share_.try_spend(now);
  return hedge_reason::sent;
}

} // namespace weir::net
