// The series of one shard, as a scrape reads them.
#include "net/proxy/shard_metrics.hpp"

#include <algorithm>

namespace weir::net {

namespace {

constexpr std::array<std::string_view, 10> method_names{
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "other"};

std::string text_of(std::string_view view) {
  return std::string(view);
}

} // namespace

route_metrics& route_metrics_index::of(const site_table& table, const routing& route) const {
  if (route.site == nullptr) return *none_;
  const auto site = static_cast<std::size_t>(route.site - table.sites().data());
  const auto at = route.route == nullptr
                      ? 0
                      : 1 + static_cast<std::size_t>(route.route - route.site->routes.data());
  return *by_site_[site][at];
}

route_metrics& shard_metrics::series(const std::string& site, const std::string& route) {
  auto& kept = routes_[{site, route}];
  if (!kept) kept = std::make_unique<route_metrics>();
  return *kept;
}

route_metrics_index shard_metrics::index(const site_table& table) {
  const std::lock_guard lock(mutex_);
  route_metrics_index made;
  made.none_ = &series("", "");
  for (const auto& site : table.sites()) {
    auto& row = made.by_site_.emplace_back();
    row.push_back(&series(site.name, ""));
    for (const auto& route : site.routes)
      row.push_back(&series(site.name, route.path));
  }
  return made;
}

void shard_metrics::count_handshake(const stream& io, bool succeeded) {
  if (!io.encrypted()) return;
  if (!succeeded) return handshakes_failed.add();
  const bool v13 = io.tls_version() == "TLSv1.3";
  if (io.tls_resumed())
    (v13 ? handshakes_tls13_resumed : handshakes_tls12_resumed).add();
  else
    (v13 ? handshakes_tls13 : handshakes_tls12).add();
}

std::uint64_t shard_metrics::cache_total(cache_outcome outcome) const {
  const std::lock_guard lock(mutex_);
  std::uint64_t sum = 0;
  for (const auto& [key, counted] : routes_)
    sum += counted->cache[static_cast<std::size_t>(outcome)].value();
  return sum;
}

void shard_metrics::collect(metrics_writer& out) const {
  out.counter("weir_connections_accepted_total", "Client connections accepted.", {}, accepted);
  const auto refused_connections = [&](const char* reason, const counter& value) {
    out.counter("weir_connections_refused_total", "Client connections closed at once.",
                {{"reason", reason}}, value);
  };
  refused_connections("node_full", refused_node_full);
  refused_connections("address_full", refused_address_full);
  const auto open = [&](const char* listener, const gauge& all, const gauge& upgraded) {
    const auto count = [&](const char* state, std::int64_t value) {
      out.gauge("weir_connections", "Open client connections.",
                {{"listener", listener}, {"state", state}}, static_cast<double>(value));
    };
    count("open", std::max<std::int64_t>(all.value() - upgraded.value(), 0));
    count("upgraded", upgraded.value());
  };
  open("http", connections_http, tunnels.open_http);
  open("https", connections_https, tunnels.open_https);
  tunnels.collect(out);
  defence.collect(out);
  collect_handshakes(out);
  out.counter("weir_http_request_bytes_total", "Content of request bodies.", {}, request_bytes);
  out.counter("weir_http_response_bytes_total", "Bytes of responses, heads included.", {},
              response_bytes);
  for (std::size_t i = 0; i < ended.size(); ++i)
    out.counter("weir_http_exchanges_ended_total", "Exchanges by how they ended.",
                {{"reason", text_of(name_of(static_cast<end_reason>(i)))}}, ended[i]);
  collect_guards(out);
  collect_routes(out);
}

void shard_metrics::collect_handshakes(metrics_writer& out) const {
  const auto shaken = [&](const char* version, const char* resumed, const counter& value) {
    out.counter("weir_tls_handshakes_total", "TLS handshakes with clients.",
                {{"version", version}, {"resumed", resumed}, {"result", "ok"}}, value);
  };
  shaken("TLSv1.2", "no", handshakes_tls12);
  shaken("TLSv1.2", "yes", handshakes_tls12_resumed);
  shaken("TLSv1.3", "no", handshakes_tls13);
  shaken("TLSv1.3", "yes", handshakes_tls13_resumed);
  out.counter("weir_tls_handshakes_total", "TLS handshakes with clients.",
              {{"version", ""}, {"resumed", "no"}, {"result", "failed"}}, handshakes_failed);
  for (std::size_t i = 0; i < client_certificates.size(); ++i) {
    if (client_certificates[i].value() == 0) continue;
    out.counter("weir_tls_client_certificates_total",
                "What clients showed at handshakes that ask for a certificate.",
                {{"result", text_of(name_of(static_cast<client_verdict>(i)))}},
                client_certificates[i]);
  }
}

void shard_metrics::collect_guards(metrics_writer& out) const {
  for (std::size_t i = 0; i < refused.size(); ++i) {
    if (refused[i].value() == 0) continue;
    out.counter("weir_filter_denied_total", "Requests refused before any upstream.",
                {{"reason", text_of(name_of(static_cast<routing_reason>(i)))}}, refused[i]);
  }
  const auto asked = auth_seconds.values();
  if (asked.count() == 0) return;
  for (std::size_t i = 0; i < auth_answers.size(); ++i)
    out.counter("weir_forward_auth_total", "Requests that forward_auth asked about.",
                {{"result", text_of(name_of(static_cast<auth_outcome>(i)))}}, auth_answers[i]);
  out.gauge("weir_forward_auth_under_way", "Questions to forward_auth's servers.", {},
            auth_under_way);
  out.histogram("weir_forward_auth_duration_seconds", "Until forward_auth's server had answered.",
                {}, asked);
}

void shard_metrics::collect_routes(metrics_writer& out) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, counted] : routes_) {
    const auto& site = key.first;
    const auto& route = key.second;
    counted->requests.each([&](http_method method, std::uint16_t status, std::uint64_t count) {
      out.counter("weir_http_requests_total", "Requests answered.",
                  {{"site", site},
                   {"route", route},
                   {"method", text_of(method_names[static_cast<std::size_t>(method)])},
                   {"code", status == 0 ? "other" : std::to_string(status)}},
                  static_cast<double>(count));
    });
    out.histogram("weir_http_request_duration_seconds",
                  "From a request's first byte to the last byte of its answer.",
                  {{"site", site}, {"route", route}}, counted->duration_seconds);
    out.gauge("weir_http_requests_in_flight", "Requests being worked on.", {{"site", site}},
              static_cast<double>(counted->in_flight.value()));
    for (std::size_t i = 1; i < cache_outcome_count; ++i) {
      if (counted->cache[i].value() == 0) continue;
      out.counter("weir_cache_requests_total", "Requests of routes with a cache.",
                  {{"site", site}, {"status", text_of(name_of(static_cast<cache_outcome>(i)))}},
                  counted->cache[i]);
    }
  }
}

} // namespace weir::net
