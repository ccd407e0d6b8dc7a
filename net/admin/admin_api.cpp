// Probes, metrics, the JSON of node and cluster, the actions, the dashboard.
#include "net/admin/admin_api.hpp"

#include "net/admin/embedded_asset.hpp"
#include "net/admin/explain_routes.hpp"
#include "net/admin/limit_routes.hpp"
#include "net/admin/outcome_answer.hpp"
#include "net/admin/status_json.hpp"

#include <algorithm>

namespace weir::net {
namespace {

admin_response text(unsigned status, std::string body) {
  return {status, "text/plain; charset=utf-8", std::move(body), {}};
}

admin_response json(const json_value& value, unsigned status = 200) {
  return {status, "application/json", dump(value) + "\n", {}};
}

// -- probes ---------------------------------------------------------------------------------------

bool all_ok(const std::vector<ready_check>& checks) {
  return std::all_of(checks.begin(), checks.end(), [](const auto& one) { return one.ok; });
}

std::string verbose(const std::vector<ready_check>& checks) {
  std::string out;
  for (const auto& one : checks) {
    out += (one.ok ? "[+] " : "[-] ") + one.name + (one.ok ? " ok" : " failed");
    out += (one.detail.empty() ? "" : ": " + one.detail) + "\n";
  }
  return out;
}

/// Ready: in service and every check holds. A draining node says so, that a balancer before it
/// takes it out.
admin_response readyz(const node_view& node, const admin_request& request) {
  const auto state = node.status().state;
  const auto checks = node.readiness();
  const bool ready = state == node_state::ready && all_ok(checks);
  std::string word{state == node_state::ready && !ready ? "not ready" : to_string(state)};
  const auto details = request.option("verbose") ? verbose(checks) : std::string{};
  return text(ready ? 200 : 503, details + word + "\n");
}

/// Healthy: every check holds, in service or not.
admin_response healthz(const node_view& node) {
  const auto checks = node.readiness();
  auto list = json_value::array();
  for (const auto& one : checks)
    list.push_back({{"name", one.name}, {"ok", one.ok}, {"detail", one.detail}});
  const bool healthy = all_ok(checks);
  return json({{"healthy", healthy}, {"state", to_string(node.status().state)}, {"checks", list}},
              healthy ? 200 : 503);
}

// -- actions --------------------------------------------------------------------------------------

void add_actions(admin_routes& routes, node_view& node) {
  routes.post("/api/v1/reload", [&node](const admin_request&, admin_reply reply) {
    node.reload(answering(std::move(reply)));
  });
  routes.post("/api/v1/config/plan", [&node](const admin_request& request, admin_reply reply) {
    const auto* file = request.option("file");
    node.plan(file != nullptr ? *file : std::string{}, answering(std::move(reply)));
  });
  routes.post("/api/v1/stop", [&node](const admin_request&, admin_reply reply) {
    node.stop(answering(std::move(reply), 202));
  });
  routes.post("/api/v1/cluster/nodes/{}/drain",
              [&node](const admin_request& request, admin_reply reply) {
                node.drain(request.parameter, true, answering(std::move(reply)));
              });
  routes.post("/api/v1/cluster/nodes/{}/undrain",
              [&node](const admin_request& request, admin_reply reply) {
                node.drain(request.parameter, false, answering(std::move(reply)));
              });
}

// -- state ----------------------------------------------------------------------------------------

admin_response one_member(const node_view& node, const std::string& name) {
  for (const auto& one : node.members())
    if (one.name == name) return json(to_json(one));
  return problem(404, "the cluster has no node named " + name);
}

void add_state(admin_routes& routes, node_view& node) {
  routes.get("/api/v1/status",
             [&node](const admin_request&) { return json(to_json(node.status())); });
  routes.get("/api/v1/cluster", [&node](const admin_request&) {
    return json({{"name", node.status().cluster}, {"nodes", to_json(node.members())}});
  });
  routes.get("/api/v1/cluster/nodes/{}",
             [&node](const admin_request& request) { return one_member(node, request.parameter); });
  routes.get("/api/v1/upstreams", [&node](const admin_request&) {
    return json({{"upstreams", to_json(node.upstreams())}});
  });
  routes.get("/api/v1/cache/stats",
             [&node](const admin_request&) { return json(to_json(node.cache())); });
  routes.get(admin_events_path, [](const admin_request&) {
    return problem(406, "events are a stream over HTTP/1.1 and have no HEAD");
  });
}

// -- the dashboard --------------------------------------------------------------------------------

/// No script, style or connection but our own; nobody frames the page.
constexpr const char* page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

admin_response asset_answer(const embedded_asset& asset, const admin_request& request) {
  admin_response out;
  out.content_type = asset.content_type;
  out.fields = {{"ETag", std::string{asset.etag}},
                {"Cache-Control", "no-cache"},
                {"Content-Security-Policy", page_policy},
                {"Referrer-Policy", "no-referrer"}};
  if (request.if_none_match == asset.etag)
    out.status = 304;
  else
    out.body = asset.bytes;
  return out;
}

void add_assets(admin_routes& routes) {
  for (const auto& asset : embedded_assets())
    routes.get(std::string{asset.path},
               [&asset](const admin_request& request) { return asset_answer(asset, request); });
}

} // namespace

admin_routes make_admin_routes(node_view& node) {
  admin_routes routes;
  routes.get("/livez", [](const admin_request&) { return text(200, "ok\n"); });
  routes.get("/readyz", [&node](const admin_request& request) { return readyz(node, request); });
  routes.get("/healthz", [&node](const admin_request&) { return healthz(node); });
  routes.get("/metrics", [&node](const admin_request&) {
    return admin_response{200, "text/plain; version=0.0.4; charset=utf-8", node.metrics_text(), {}};
  });
  add_state(routes, node);
  add_actions(routes, node);
  add_limit_routes(routes, node);
  add_explain_routes(routes, node);
  add_assets(routes);
  return routes;
}

} // namespace weir::net
