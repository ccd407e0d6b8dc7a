// When a request that waits for its answer is sent to a second server too, and whether it may be
// (Dean and Barroso, "The Tail at Scale", 2013).
#pragma once

#include "base/clock.hpp"
#include "config/upstream_settings.hpp"
#include "net/http/message.hpp"
#include "net/upstream/latency_window.hpp"
#include "net/upstream/retry_budget.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::net {

/// What became of the wish for a second attempt. Append only.
enum class hedge_reason : std::uint8_t {
  sent,
  circuit_open, // as many requests or repeats are under way as may be
  queue,        // others wait for a place: nobody gets two
  no_server,    // no other one is well and has a place, or health is not believed
  max,          // `hedge.max` is used up
  budget,       // `retries.budget` is
};
inline constexpr std::size_t hedge_reason_count = 6;
/// A stable snake_case name for logs and metrics.
std::string_view name_of(hedge_reason reason);

/// Whether sending it twice changes nothing: a GET or HEAD without a body (RFC 9110 9.2.1).
bool is_hedgeable(const request_head& request);

/// What speaks against a second attempt at the moment its time has come.
struct hedge_case {
  bool circuit_open = false;
  bool others_wait = false;
};

/// One per upstream and shard, told the time; not thread-safe.
class hedge_policy {
public:
  /// A quiet upstream gets one a second, whatever `max` makes of its few requests.
  static constexpr std::uint32_t max_floor = 10;

  explicit hedge_policy(const config::hedge_settings& settings)
      : settings_(settings), share_(settings.max_percent, max_floor) {}

  /// A request (not a repeat) was admitted.
  void count_request(steady_time now) { share_.count_request(now); }
  /// A request's first attempt had its answer's head after `took`, or nothing of it by then.
  void count_wait(duration took, steady_time now);
  /// How long to wait for the first byte; nothing: not known yet.
  std::optional<duration> delay(steady_time now);

  /// Before a server is looked for; `sent`: nothing is against it.
  hedge_reason judge(const hedge_case& what) const;
  /// Takes a second attempt out of `max` and of `budget`, or out of neither.
  hedge_reason pay(retry_budget& budget, steady_time now);

private:
  config::hedge_settings settings_;
  retry_budget share_;
  latency_window waits_;
  std::optional<duration> known_;
  steady_time known_at_{};
};

} // namespace weir::net
