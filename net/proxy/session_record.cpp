// What the log and the metrics learn of a finished exchange.
#include "net/limit/request_limit.hpp"
#include "net/proxy/cached_exchange.hpp"
#include "net/proxy/downstream_session.hpp"
#include "net/proxy/upstream_pool.hpp"
#include "net/tls/client_proof.hpp"

namespace weir::net {

namespace {

duration between(steady_time from, steady_time to) {
  if (from == steady_time{} || to == steady_time{}) return access_record::never;
  return to - from;
}

std::string_view value_of(const request_head& head, std::string_view name) {
  const auto* found = head.find(name);
  return found == nullptr ? std::string_view{} : found->value;
}

std::string_view reason_of(const exchange& x) {
  if (x.reason == end_reason::refused) return name_of(x.route.reason);
  return x.detail.empty() ? name_of(x.reason) : x.detail;
}

} // namespace

void downstream_session::count_proof() {
  const auto now = shard_.loop.now();
  shard_.metrics.count_certificate(client_.proof->verdict(shard_.clock.wall_of(now, now)));
}

void downstream_session::record() {
  if (!counted_) return;
  count();
  if (shard_.log == nullptr) return;
  std::string client;
  shard_.log->push(log_record(client));
}

void downstream_session::count() {
  counted_ = false;
  const auto& x = *x_;
  auto& metrics = shard_.metrics;
  const auto now = shard_.loop.now();
  metrics.in_flight.sub();
  metrics.request_bytes.add(x.request_bytes);
  metrics.response_bytes.add(x.response_bytes);
  metrics.ended[static_cast<std::size_t>(x.reason)].add();
  metrics.responses[x.response_bytes == 0 ? 0 : std::min(x.status / 100, 5)].add();
  auto& series = x.series != nullptr ? *x.series : shard_.routes.none();
  series.requests.add(x.request.method, x.status);
  series.duration_seconds.observe(now - x.times.begun);
  if (x.series != nullptr) series.in_flight.sub();
  if (x.cache != nullptr) series.cache[static_cast<std::size_t>(x.cache->outcome)].add();
}

access_record downstream_session::log_record(std::string& client) {
  const auto& x = *x_;
  const auto now = shard_.loop.now();
  client = x.client_address == client_.peer ? std::string(at_work().identity.peer_text())
                                            : x.client_address.text();
  access_record line;
  line.started = shard_.clock.wall_of(now, x.times.begun);
  line.total = now - x.times.begun;
  line.header = between(x.times.begun, x.times.head);
  line.connect = between(x.times.dialled, x.times.leased);
  line.auth = between(x.times.asked, x.times.passed);
  line.queued = between(line.auth < duration::zero() ? x.times.head : x.times.passed,
                        line.connect < duration::zero() ? x.times.leased : x.times.dialled);
  line.first_byte = between(x.times.leased, x.times.answered);
  line.bytes_in = head_bytes_ + x.request_bytes;
  line.bytes_out = x.response_bytes;
  line.status = x.response_bytes == 0 ? std::uint16_t{0} : x.status;
  line.attempts = static_cast<std::uint8_t>(std::min(x.attempt, 255u));
  line.client = client;
  line.reason = reason_of(x);
  if (head_bytes_ != 0) {
    line.method = x.request.method_name;
    line.host = x.request.authority;
    line.target = x.request.target;
    line.protocol = x.request.minor_version == 0 ? "HTTP/1.0" : "HTTP/1.1";
    line.user_agent = value_of(x.request, "user-agent");
    line.referer = value_of(x.request, "referer");
  }
  line.tls = wire_.io().tls_version();
  if (const auto* proof = client_.proof) {
    line.client_verify = name_of(proof->verdict(line.started));
    line.client_subject = proof->subject();
  }
  if (x.route.site != nullptr) line.site = x.route.site->name;
  if (x.route.route != nullptr) line.route = x.route.route->path;
  if (x.limited != nullptr) line.limit = x.limited->name;
  line.upstream = x.upstream_name;
  line.server = x.server_name;
  line.hedge = name_of(x.hedge);
  line.request_id = x.ids.request_id();
  line.trace_id = x.ids.trace_id();
  line.user = x.user;
  if (x.cache != nullptr) line.cache = name_of(x.cache->outcome);
  return line;
}

} // namespace weir::net
