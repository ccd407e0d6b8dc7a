// What a pool has counted, as a scrape and the status pages read it.
#include "net/proxy/upstream_pool.hpp"

#include <map>

namespace weir::net {

std::vector<std::uint64_t> upstream_pool::answers() const {
  const std::lock_guard lock(by_server_mutex_);
  std::vector<std::uint64_t> sums;
  for (const auto& each : by_server_) {
    auto& sum = sums.emplace_back(0);
    each->answers.each([&](http_method, std::uint16_t, auto count) { sum += count; });
  }
  return sums;
}

void upstream_pool::collect(metrics_writer& out) const {
  const labels series{{"upstream", name_}};
  out.gauge("weir_upstream_queue_length", "Requests waiting for a server.", series,
            metrics_.queued);
  out.gauge("weir_upstream_connections_leased", "Connections in use.", series, metrics_.leased);
  out.counter("weir_upstream_retries_total", "Attempts repeated.", series, metrics_.retries);
  out.counter("weir_upstream_stale_retries_total",
              "Attempts repeated because a kept connection had gone.", series,
              metrics_.stale_retries);
  out.counter("weir_upstream_connects_total", "Connections opened.", series, metrics_.connects);
  out.counter("weir_upstream_connect_failures_total", "Connections that could not be opened.",
              series, metrics_.connect_failures);
  out.counter("weir_upstream_reused_total", "Requests on a kept connection.", series,
              metrics_.reused);
  out.counter("weir_upstream_idle_closed_total", "Kept connections that the origin closed.", series,
              metrics_.idle_closed);
  out.counter("weir_upstream_queue_refused_total", "Requests refused: the queue was full.", series,
              metrics_.queue_refused);
  out.counter("weir_upstream_queue_timeouts_total", "Requests that waited too long.", series,
              metrics_.queue_timeouts);
  const auto open = [&](breaker which, const counter& value) {
    auto of_limit = series;
    of_limit.emplace_back("limit", std::string(name_of(which)));
    out.counter("weir_upstream_circuit_refused_total", "Refused because a limit was reached.",
                of_limit, value);
  };
  open(breaker::requests, metrics_.requests_refused);
  open(breaker::pending, metrics_.queue_refused);
  open(breaker::retries, metrics_.retries_refused);
  out.counter("weir_upstream_panic_picks_total", "Servers chosen without regard to health.", series,
              metrics_.panic_picks);
  if (hedge_) collect_hedges(out);
  const std::lock_guard lock(by_server_mutex_);
  for (const auto& each : by_server_)
    collect_server(out, *each);
}

void upstream_pool::collect_hedges(metrics_writer& out) const {
  const labels series{{"upstream", name_}};
  const auto counted = [&](hedge_reason reason) -> const counter& {
    return metrics_.hedges[static_cast<std::size_t>(reason)];
  };
  out.counter("weir_upstream_hedges_total", "Second attempts at requests whose answer was late.",
              series, counted(hedge_reason::sent));
  out.counter("weir_upstream_hedges_won_total", "Second attempts that gave the answer.", series,
              metrics_.hedges_won);
  for (std::size_t i = 1; i < hedge_reason_count; ++i) {
    const auto reason = static_cast<hedge_reason>(i);
    auto refused = series;
    refused.emplace_back("reason", std::string(name_of(reason)));
    out.counter("weir_upstream_hedges_refused_total", "Second attempts that were not made.",
                refused, counted(reason));
  }
}

void upstream_pool::collect_server(metrics_writer& out, const server_metrics& server) const {
  const labels target{{"upstream", name_}, {"target", server.name}};
  std::map<std::uint16_t, std::uint64_t> by_code;
  server.answers.each(
      [&](http_method, std::uint16_t status, std::uint64_t count) { by_code[status] += count; });
  for (const auto& [code, count] : by_code) {
    auto series = target;
    series.emplace_back("code", code == 0 ? "other" : std::to_string(code));
    out.counter("weir_upstream_requests_total", "Answers of a server.", series,
                static_cast<double>(count));
  }
  out.histogram("weir_upstream_response_duration_seconds",
                "From the lease of a connection to the head of the answer.", target,
                server.response_seconds);
}

} // namespace weir::net
