// Limits and bans: what is, and what an operator changes.
#include "net/admin/limit_routes.hpp"

#include "base/units.hpp"
#include "config/network.hpp"
#include "net/admin/outcome_answer.hpp"
#include "net/admin/status_json.hpp"

namespace weir::net {
namespace {

constexpr std::size_t reason_max = 200;
constexpr duration ban_default = 1h;

admin_response json(const json_value& value) {
  return {200, "application/json", dump(value) + "\n", {}};
}

/// The network that a ban is about; none: `reply` has said what is wrong.
std::optional<config::cidr> network_of(const admin_request& request, const admin_reply& reply) {
  const auto* text = request.option("network");
  config::parsed_network found;
  const auto wrong = config::parse_network(text != nullptr ? *text : std::string{}, found);
  if (wrong.empty()) return found.network;
  reply(problem(400, "network= " + wrong));
  return std::nullopt;
}

void add_ban(node_view& node, const admin_request& request, admin_reply reply) {
  const auto network = network_of(request, reply);
  if (!network) return;
  ban_wish wish{*network, ban_default, "by an operator"};
  if (const auto* text = request.option("for")) {
    const auto time = parse_duration(*text);
    if (!time || time->count() < 1000)
      return reply(problem(400, "for= must be a duration of at least 1s, like 1h"));
    wish.time = *time;
  }
  if (const auto* text = request.option("reason")) wish.reason = text->substr(0, reason_max);
  node.ban(wish, answering(std::move(reply)));
}

void reset(node_view& node, const admin_request& request, admin_reply reply) {
  const auto* key = request.option("key");
  if (key == nullptr || key->empty()) return reply(problem(400, "key= must not be empty"));
  const auto* limit = request.option("limit");
  node.reset_limit(*key, limit != nullptr ? *limit : std::string{}, answering(std::move(reply)));
}

} // namespace

void add_limit_routes(admin_routes& routes, node_view& node) {
  routes.get("/api/v1/limits",
             [&node](const admin_request&) { return json(to_json(node.limits())); });
  routes.post("/api/v1/limits/reset", [&node](const admin_request& request, admin_reply reply) {
    reset(node, request, std::move(reply));
  });
  routes.get("/api/v1/bans", [&node](const admin_request&) {
    return json({{"bans", to_json(node.bans())}});
  });
  routes.post("/api/v1/bans", [&node](const admin_request& request, admin_reply reply) {
    add_ban(node, request, std::move(reply));
  });
  routes.post("/api/v1/bans/remove", [&node](const admin_request& request, admin_reply reply) {
    if (const auto network = network_of(request, reply))
      node.unban(*network, answering(std::move(reply)));
  });
}

} // namespace weir::net
