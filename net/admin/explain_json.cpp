// Each part of an explanation as an object; null where there is none.
#include "net/admin/explain_json.hpp"

namespace weir::net {
namespace {

/// Null instead of the value that means "none".
template <class T>
json_value or_null(const T& value) {
  return value == T{} ? json_value(nullptr) : json_value(value);
}

template <class T>
json_value or_null(const std::optional<T>& value) {
  return value ? json_value(*value) : json_value(nullptr);
}

json_value part(const explained_subject& request) {
  return {{"method", request.method},
          {"host", request.host},
          {"path", request.path},
          {"client", request.client},
          {"secure", request.secure}};
}

json_value part(const explained_site& site) {
  return {{"name", site.name}, {"host_rule", site.host_rule}, {"line", or_null(site.line)}};
}

json_value part(const explained_route& route) {
  return {{"path", route.path},
          {"kind", route.kind},
          {"line", or_null(route.line)},
          {"fate", route.fate},
          {"differs", or_null(route.differs)}};
}

json_value part(const explained_check& check) {
  return {{"check", check.check}, {"outcome", check.outcome}, {"detail", or_null(check.detail)}};
}

json_value part(const explained_limit& limit) {
  const bool rated = limit.burst != 0 && !limit.key.empty();
  return {{"name", limit.name},
          {"count", limit.count},
          {"outcome", limit.outcome},
          {"key", or_null(limit.key)},
          {"remaining", rated ? json_value(limit.remaining) : json_value(nullptr)},
          {"burst", or_null(limit.burst)},
          {"concurrency", or_null(limit.concurrency)},
          {"retry_after_seconds",
           limit.retry_after == duration{}
               ? json_value(nullptr)
               : json_value(std::chrono::duration<double>(limit.retry_after).count())}};
}

json_value part(const explained_cache& cache) {
  return {{"outcome", cache.outcome},
          {"reason", or_null(cache.reason)},
          {"key", or_null(cache.key)},
          {"selected_by", or_null(cache.selected_by)},
          {"found", or_null(cache.found)},
          {"age_seconds", or_null(cache.age_seconds)},
          {"fresh_seconds", or_null(cache.fresh_seconds)},
          {"refresh", cache.refresh},
          {"fetch", or_null(cache.fetch)}};
}

json_value part(const explained_server& server) {
  return {{"address", server.address},    {"health", server.health},
          {"ejected", server.ejected},    {"warming", server.warming},
          {"backup", server.backup},      {"full", server.full},
          {"weight", server.weight},      {"in_flight", server.in_flight},
          {"candidate", server.candidate}};
}

template <class T>
json_value list_of(const std::vector<T>& values) {
  auto out = json_value::array();
  for (const auto& one : values)
    out.push_back(part(one));
  return out;
}

json_value part(const explained_upstream& upstream) {
  return {{"name", upstream.name},
          {"app", upstream.app},
          {"balance", upstream.balance},
          {"placement", upstream.placement},
          {"chosen_by", upstream.chosen_by},
          {"server", or_null(upstream.server)},
          {"panic", upstream.panic},
          {"waiting", upstream.waiting},
          {"servers", list_of(upstream.servers)}};
}

json_value part(const explained_target& target) {
  return {{"kind", target.kind},
          {"target", or_null(target.target)},
          {"root", or_null(target.root)},
          {"file", or_null(target.file)},
          {"reason", or_null(target.reason)},
          {"location", or_null(target.location)},
          {"upstream", target.upstream ? part(*target.upstream) : json_value(nullptr)}};
}

json_value part(const explained_fields& fields) {
  auto set = json_value::array();
  for (const auto& [name, value] : fields.set)
    set.push_back({{"name", name}, {"value", or_null(value)}});
  return {{"set", std::move(set)}, {"removed", fields.removed}};
}

json_value part(const explained_verdict& verdict) {
  return {{"by", verdict.by},
          {"status", or_null(verdict.status)},
          {"reason", or_null(verdict.reason)},
          {"detail", or_null(verdict.detail)},
          {"text", verdict.text}};
}

template <class T>
json_value part(const std::optional<T>& value) {
  return value ? part(*value) : json_value(nullptr);
}

} // namespace

json_value to_json(const explanation& why) {
  return {{"verdict", part(why.verdict)},
          {"assumed", why.assumed},
          {"config",
           {{"file", or_null(why.config_file)},
            {"version", why.config_version},
            {"digest", why.config_digest}}},
          {"request", part(why.request)},
          {"site", part(why.site)},
          {"routes", list_of(why.routes)},
          {"checks", list_of(why.checks)},
          {"limits", list_of(why.limits)},
          {"cache", part(why.cache)},
          {"target", part(why.target)},
          {"request_fields", part(why.request_fields)},
          {"response_fields", part(why.response_fields)}};
}

} // namespace weir::net
